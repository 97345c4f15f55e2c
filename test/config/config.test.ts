import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Failure } from "../../toolchain/src/base/failure.ts";
import { fromFolder, takeAssignments } from "../../toolchain/src/config/assignments.ts";
import { loadConfig } from "../../toolchain/src/config/load.ts";
import { parseValue } from "../../toolchain/src/config/parse.ts";
import { SETTINGS } from "../../toolchain/src/config/settings.ts";
import { folderWith, MINIMAL } from "../app.ts";

const kind = (expected: string) => (error: Failure) => error.failure.kind === expected;

describe("NAME=value words", () => {
  it("are taken off before options are parsed", () => {
    const { assignments, rest } = takeAssignments(["V=1", "minimal", "CLANG=clang-19", "--json"]);
    assert.deepEqual(assignments, { V: "1", CLANG: "clang-19" });
    assert.deepEqual(rest, ["minimal", "--json"]);
  });

  it("with paths mean those of the folder in which they were typed", () => {
    const typed = {
      VMLINUX: "../vmlinux.h",
      NODE: "/usr/bin/node",
      CLANG: "./clang -v",
      CC: "ccache gcc",
      CFLAGS: "-I../include",
    };
    assert.deepEqual(fromFolder(typed, "/app/src/deep", "/app"), {
      ...typed,
      VMLINUX: "src/vmlinux.h",
      CLANG: "./src/deep/clang -v",
    });
    assert.equal(fromFolder(typed, "/app", "/app"), typed);
  });

  it("of an unknown name are an error", () => {
    assert.throws(() => takeAssignments(["CLAGN=x"]), kind("unknown-setting"));
  });

  it("keep what follows the first equals sign", () => {
    assert.equal(takeAssignments(["BPF_CFLAGS=-DX=1 -DY"]).assignments.BPF_CFLAGS, "-DX=1 -DY");
  });
});

const setting = (word: string) => SETTINGS.find((one) => one.word === word)!;

describe("flags", () => {
  const cases: [string, string[]][] = [
    ["", []],
    ["-O2  -g", ["-O2", "-g"]],
    [`-DNAME="a b" 'c d'`, ["-DNAME=a b", "c d"]],
    [String.raw`a\ b "q\"q"`, ["a b", 'q"q']],
  ];
  for (const [text, words] of cases)
    it(`${text || "(none)"} is ${words.length} words`, () =>
      assert.deepEqual(parseValue(setting("CFLAGS"), text), words));
});

describe("an architecture", () => {
  it("has the names of Node, the kernel, Debian and uname", () => {
    for (const name of ["arm64", "aarch64"]) assert.equal(parseValue(setting("ARCH"), name), "arm64");
    for (const name of ["x64", "x86_64", "amd64"]) assert.equal(parseValue(setting("ARCH"), name), "x64");
    assert.equal(parseValue(setting("ARCH"), ""), "");
    assert.throws(() => parseValue(setting("ARCH"), "riscv64"), kind("bad-setting"));
  });
});

describe("configuration", () => {
  it("takes the command line before the environment, the file and the default", async () => {
    const root = folderWith({
      ...MINIMAL,
      "bpf-app.config.ts": `export default { clang: "from-file", cc: "from-file", bpfCflags: ["-DA=1", "two words"] };`,
    });
    const environment = { CC: "from-environment", CLANG: "from-environment" };
    const { values, sources } = await loadConfig(root, { CLANG: "said" }, environment);
    assert.deepEqual(values.clang, ["said"]);
    assert.equal(sources.clang, "command line");
    assert.deepEqual(values.cc, ["from-environment"]);
    assert.deepEqual(values.make, ["make"]);
    assert.equal(sources.make, "default");
    assert.deepEqual(values.bpfCflags, ["-DA=1", "two words"]);
  });

  it("refuses an unknown key, a broken file and a value of the wrong kind", async () => {
    const load = (config: string, words = {}) =>
      loadConfig(folderWith({ ...MINIMAL, "bpf-app.config.ts": config }), words, {});
    await assert.rejects(load("export default { clagn: 'x' }"), kind("unknown-setting"));
    await assert.rejects(load("export default {"), kind("config-unreadable"));
    await assert.rejects(load("export default { verbose: 'loud' }"), kind("bad-setting"));
    await assert.rejects(load("export default { cflags: [1] }"), kind("bad-setting"));
    await assert.rejects(load("export default { node: ['a'] }"), kind("bad-setting"));
    await assert.rejects(load("export default 'x'"), kind("config-unreadable"));
    for (const words of [{ V: "yes" }, { CC: "" }, { CFLAGS: "'open" }, { NODE: "a\nb" }])
      await assert.rejects(load("", words), kind("bad-setting"));
  });

  it("finds programs, targets, the headers of programs and the skeletons of targets", async () => {
    const root = folderWith({
      ...MINIMAL,
      "src/event.h": `#include "types.h"\n`,
      "src/types.h": `#include "vmlinux.h"\n`,
      "src/probe.bpf.c": `#include "event.h"\n#include <bpf/bpf_helpers.h>\n`,
      "src/minimal.ts": `import { shared } from "./lib/shared.ts";\nimport { minimal } from "../.output/minimal.skel.ts";\n`,
      "src/lib/shared.ts": `export * from "../../.output/probe.skel.ts";\n`,
    });
    const { programs, targets } = await loadConfig(root, {}, {});
    assert.deepEqual(programs, [
      { name: "minimal", source: "src/minimal.bpf.c", vmlinux: false, headers: [], cflags: [], events: {} },
      {
        name: "probe",
        source: "src/probe.bpf.c",
        vmlinux: true,
        headers: ["src/event.h", "src/types.h"],
        cflags: [],
        events: {},
      },
    ]);
    assert.deepEqual(targets, [
      {
        name: "minimal",
        entry: "src/minimal.ts",
        skeletons: ["minimal", "probe"],
        files: ["src/lib/shared.ts", "src/minimal.ts"],
      },
    ]);
  });

  it("takes a user side without a kernel side of its name where the configuration names it", async () => {
    const agent = `import { minimal } from "../.output/minimal.skel.ts";`;
    const files = { ...MINIMAL, "src/agent.ts": agent, "bpf-app.config.ts": "" };
    const load = (config: string) =>
      loadConfig(folderWith({ ...files, "bpf-app.config.ts": `export default ${config};` }), {}, {});
    const names = async (config: string) => (await load(config)).targets.map(({ name }) => name);
    assert.deepEqual(await names("{}"), ["minimal"]);
    const { targets } = await load(`{ targets: ["agent", "minimal"] }`);
    assert.deepEqual(
      targets.map(({ name, skeletons }) => [name, skeletons]),
      [
        ["minimal", ["minimal"]],
        ["agent", ["minimal"]],
      ],
    );
    await assert.rejects(load(`{ targets: ["agnet"] }`), kind("target-without-source"));
    for (const bad of [`"agent"`, `["../agent"]`, `["agent.ts"]`, `[""]`])
      await assert.rejects(load(`{ targets: ${bad} }`), kind("bad-setting"));
  });

  it("says what is wrong with a folder that is no app", async () => {
    await assert.rejects(loadConfig(folderWith({}), {}, {}), kind("not-an-app"));
    await assert.rejects(loadConfig(folderWith({ "package.json": "{}" }), {}, {}), kind("no-programs"));
    for (const manifest of ["{ nope", "[]", "null"])
      await assert.rejects(
        loadConfig(folderWith({ ...MINIMAL, "package.json": manifest }), {}, {}),
        kind("manifest-invalid"),
      );
    await assert.rejects(
      loadConfig(folderWith({ "package.json": "{}", "src/my-tool.bpf.c": "" }), {}, {}),
      kind("bad-program-name"),
    );
    const app = folderWith(
      Object.fromEntries(Object.entries(MINIMAL).map(([path, text]) => [`my\napp/${path}`, text])),
    );
    await assert.rejects(loadConfig(`${app}/my\napp`, {}, {}), kind("path-unbuildable"));
    const orphan = { ...MINIMAL, "src/minimal.ts": `import { other } from "../.output/other.skel.ts";` };
    await assert.rejects(loadConfig(folderWith(orphan), {}, {}), kind("skeleton-without-source"));
  });
});
