import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { loadConfig } from "../../toolchain/src/config/load.ts";
import { sourceFlags } from "../../toolchain/src/config/source-flags.ts";
import { configWords } from "../../toolchain/src/config/words.ts";
import { folderWith, MINIMAL } from "../app.ts";

const FILES = {
  ...MINIMAL,
  "src/minimal.bpf.c": `#include "maps.h"\nint x;\n`,
  "src/maps.h": `struct { int a; } rb SEC(".maps");\nstruct { int a; }\n\tcounts SEC( ".maps" );\n`,
  "src/probe.bpf.c": `struct { int a; } events SEC(".maps");\n`,
};

const load = (config: string) =>
  loadConfig(folderWith({ ...FILES, "bpf-app.config.ts": `export default ${config};` }), {}, {});

/** What is said when the configuration is refused. */
async function refusal(work: () => unknown): Promise<string> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof Failure && error.layer === "config", String(error));
    const { what, why = "", next } = configWords(error.failure as never);
    return `${what} ${why} ${next}`;
  }
  return assert.fail("nothing was refused");
}

describe("settings for one program", () => {
  it("are added to what its source says", async () => {
    const { programs } = await load(
      `{ events: { rb: "struct event" }, programs: { probe: { cflags: "-DA 'two words'", events: { events: "int" } } } }`,
    );
    const [minimal, probe] = programs;
    assert.deepEqual([minimal?.cflags, minimal?.events], [[], { rb: "struct event" }]);
    assert.deepEqual([probe?.cflags, probe?.events], [["-DA", "two words"], { events: "int" }]);
  });

  it("of a program that does not exist are refused, with the nearest name", async () => {
    const said = await refusal(() => load(`{ programs: { minimol: {} } }`));
    assert.match(said, /program minimol, .* Did you mean minimal\?/);
  });

  it("of a wrong shape are refused by their full name", async () => {
    const cases: readonly (readonly [config: string, said: RegExp])[] = [
      [`{ programs: [] }`, /^programs=\[\] is not understood/],
      [`{ programs: { probe: 3 } }`, /^programs\.probe=3 is not understood/],
      [`{ programs: { probe: { cflag: [] } } }`, /no setting programs\.probe\.cflag\..* cflags, events/],
      [`{ programs: { probe: { cflags: [1] } } }`, /^programs\.probe\.cflags=\[1\]/],
      [`{ programs: { probe: { cflags: "'open" } } }`, /^programs\.probe\.cflags='open/],
      [
        `{ programs: { probe: { events: { events: 3 } } } }`,
        /^programs\.probe\.events\.events=3 .*struct event/,
      ],
      [`{ events: "struct event" }`, /^events="struct event" is not understood/],
      [`{ events: { rb: "struct *" } }`, /^events\.rb="struct \*" is not understood/],
      [`{ event: {} }`, /no setting event\. +Did you mean events\?/],
    ];
    for (const [config, said] of cases) assert.match(await refusal(() => load(config)), said, config);
  });

  it("for a map that no source defines are refused, with the nearest map", async () => {
    const said = await refusal(() => load(`{ events: { event: "struct event" } }`));
    assert.match(said, /events of event, .*Did you mean events\? The maps are: counts, events, rb\./);
  });

  it("are not looked at when they are undefined", async () => {
    const { programs } = await load(`{ events: undefined, programs: { probe: { cflags: undefined } } }`);
    assert.deepEqual(
      programs.map(({ cflags }) => cflags),
      [[], []],
    );
  });
});

describe("a source's own flags", () => {
  it("are those of its lines // bpf-app:, in their order", () => {
    const text = [
      "// bpf-app: -mcpu=v3 -DLIMIT=3",
      "/* bpf-app: -Wno-unused-variable -O3 */",
      "\t// bpf-app: '-DTEXT=a b' -fno-builtin -ULIMIT",
      "int x; // bpf-app: -mcpu=v1",
      "// not bpf-app: -mcpu=v1",
      "// bpf-app: -mcpu=v2\r",
    ].join("\n");
    assert.deepEqual(sourceFlags("a.c", text), [
      ...["-mcpu=v3", "-DLIMIT=3", "-Wno-unused-variable", "-O3"],
      ...["-DTEXT=a b", "-fno-builtin", "-ULIMIT", "-mcpu=v2"],
    ]);
  });

  for (const flag of [
    "-mcpu=probe",
    "-I/etc",
    "-include",
    "-fplugin=x.so",
    "-fpass-plugin=x.so",
    "-Wp,-MD,x",
    "-Xclang",
    "-o",
    "-O0",
    "-g0",
    "-target",
    "x.c",
    "@file",
    "'-DA",
  ])
    it(`${flag} is refused, with the place and what is allowed`, async () => {
      const said = await refusal(() => sourceFlags("src/a.bpf.c", `int x;\n// bpf-app: ${flag}\n`));
      assert.ok(said.startsWith(`src/a.bpf.c:2: ${flag} `), said);
      assert.match(said, /-mcpu=v1 to v4/);
    });
});
