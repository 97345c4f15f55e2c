import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { findSources } from "../../toolchain/src/host/sources.ts";
import { type About, parseAbout } from "../../toolchain/src/inspect/about.ts";
import { aboutAction, sha256Action } from "../../toolchain/src/inspect/about-action.ts";
import { folderWith, MINIMAL } from "../app.ts";

const sum = (text: string) => createHash("sha256").update(text).digest("hex");

const COMMIT = "0123456789abcdef0123456789abcdef01234567";
const origins = (version: string, more = {}) =>
  JSON.stringify({
    sources: { libbpf: { origin: "git", version, licence: "BSD-2-Clause", tried: [], ...more } },
  });

const SOURCES = {
  "vendor/libbpf/src/Makefile": "",
  "vendor/libbpf/src/libbpf_version.h": "#define LIBBPF_MAJOR_VERSION 1\n#define LIBBPF_MINOR_VERSION 7\n",
  "vendor/zlib/zlib.h": '#define ZLIB_VERSION "1.3.1"\n',
  "vendor/bpftool/src/Makefile": "",
  "vendor/libelf/src/libelfP.h": "",
};

/** What is noted of an app that has these files, besides the smallest app's. */
async function about(files: Readonly<Record<string, string>>, args: readonly string[] = []): Promise<About> {
  const root = folderWith({ ...MINIMAL, ...SOURCES, ...files });
  const io = { root, signal: new AbortController().signal, note: () => {} };
  const text = await aboutAction(["minimal", "--node", "24.21.0", "--arch", "x64", ...args], io);
  return parseAbout("it", Buffer.from(text ?? ""));
}

describe("what a build notes of an executable", () => {
  it("is the sha256 of its inputs, and what its app is called", async () => {
    const { name, version, inputs, adapts } = await about(
      { "package.json": '{ "name": "app", "version": "3.2.1" }', "node.sha256": `${"c".repeat(64)}\n` },
      ["--entry", "src/minimal.ts", "--input", "src/minimal.bpf.c", "--sum", "node=node.sha256"],
    );
    assert.deepEqual([name, version, adapts], ["minimal", "3.2.1", false]);
    assert.deepEqual(inputs, {
      node: "c".repeat(64),
      "src/minimal.bpf.c": sum(MINIMAL["src/minimal.bpf.c"]!),
      "src/minimal.ts": sum(MINIMAL["src/minimal.ts"]!),
    });
  });

  it("is the origin as it was recorded, as long as the sources are those", async () => {
    const recorded = { commit: COMMIT, tag: "v1.7.0", url: "https://example.org/libbpf" };
    const same = await about({ "vendor/origins.json": origins("1.7.0", recorded) });
    assert.deepEqual(same.libraries.libbpf, {
      version: "1.7.0",
      licence: "BSD-2-Clause",
      origin: "git",
      ...recorded,
    });
    const moved = await about({ "vendor/origins.json": origins("1.5.0", recorded) });
    assert.deepEqual(moved.libraries.libbpf, { version: "1.7" });
  });

  it("is the commit that is checked out in a submodule, where that is another one", async () => {
    const submodule = {
      "vendor/libbpf/.git": "gitdir: ../../.git/modules/vendor/libbpf\n",
      ".git/modules/vendor/libbpf/HEAD": `${COMMIT}\n`,
    };
    const recorded = { "vendor/origins.json": origins("1.7.0", { commit: "f".repeat(40) }) };
    const { libraries } = await about({ ...submodule, ...recorded });
    assert.deepEqual(libraries.libbpf, { version: "1.7", origin: "git", commit: COMMIT });
    const root = folderWith({ ...SOURCES, ...submodule, ...recorded });
    const { records = [] } = findSources(root, "x86");
    assert.ok(records.includes(".git/modules/vendor/libbpf/HEAD"), records.join());
  });

  it("is that nothing is recorded, where nothing is", async () => {
    const { libraries } = await about({});
    assert.deepEqual(libraries, {
      libbpf: { version: "1.7" },
      libelf: { version: "unknown" },
      zlib: { version: "1.3.1" },
    });
  });

  it("is whether the app decides at run time what it loads", async () => {
    for (const [line, adapts] of [
      ["skel.choose({ fentry: [], kprobe: [] });", true],
      ["skel.progs.it.setAutoload(false);", true],
      ["skel.maps.events.setType(type);", true],
      ["skel.maps.events.setMaxEntries(n);", false],
      ["const choose = 1;", false],
    ] as const) {
      const files = { "src/minimal.ts": `${MINIMAL["src/minimal.ts"]}${line}\n` };
      assert.equal((await about(files, ["--entry", "src/minimal.ts"])).adapts, adapts, line);
    }
  });

  it("has the same bytes in another folder", async () => {
    const files = { "vendor/origins.json": origins("1.7.0") };
    assert.deepEqual(await about(files), await about(files));
  });
});

it("a sum is that of the file", async () => {
  const root = folderWith({});
  mkdirSync(dirname(join(root, "bin/node")), { recursive: true });
  writeFileSync(join(root, "bin/node"), "node");
  const io = { root, signal: new AbortController().signal, note: () => {} };
  assert.equal(await sha256Action(["bin/node"], io), `${sum("node")}\n`);
});
