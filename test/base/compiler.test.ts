import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { folderWith } from "../app.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));
const copy = folderWith({});

/** What the compiler says of the copy of the sources. */
function complaints(): string {
  const tsc = join(root, "node_modules/.bin/tsc");
  return spawnSync(tsc, ["--noEmit", "--pretty", "false"], { cwd: copy, encoding: "utf8" }).stdout;
}

/** Changes one file of the copy. */
function change(file: string, from: string, to: string): void {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  assert.ok(text.includes(from), `${file} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
}

/** Mistakes, and what the compiler has to say of each. They are made all at once, since it takes seconds each time. */
const MISTAKES: Readonly<
  Record<
    string,
    { readonly change: readonly [file: string, from: string, to: string]; readonly said: RegExp }
  >
> = {
  ...Object.fromEntries(
    [
      ["host", "export type HostFailure =\n"],
      ["run", "export type RunFailure =\n"],
      ["cli", "export type CliFailure =\n"],
    ].map(([layer, union]) => [
      `a kind of failure that its layer ${layer} does not word`,
      {
        change: [
          `toolchain/src/${layer}/failures.ts`,
          union,
          `${union}  | { readonly kind: "never-worded" }\n`,
        ] as const,
        said: new RegExp(`toolchain/src/${layer}/words\\.ts\\(\\d+,\\d+\\): error TS2366`),
      },
    ]),
  ),
  "a layer without words": {
    change: [
      "toolchain/src/facts/number.ts",
      "",
      'declare module "../base/failure.ts" {\n  interface Failures {\n    facts: { readonly kind: "odd" };\n  }\n}\n',
    ],
    said: /toolchain\/src\/cli\/errors\.ts\(\d+,\d+\): error TS2741: Property 'facts' is missing/,
  },
  "a failure that is of no kind of its layer": {
    change: ["toolchain/src/cli/start.ts", '{ kind: "no-target" }', '{ kind: "no-tarlet" }'],
    said: /toolchain\/src\/cli\/start\.ts\(\d+,\d+\): error/,
  },
  "a map type of a class that does not exist": {
    change: [
      "toolchain/src/facts/map-types.ts",
      "  bloom_filter: {",
      '  never_made: { number: 999, class: "NeverThere" },\n  bloom_filter: {',
    ],
    said: /facts\/map-types\.ts\(\d+,\d+\): error TS/,
  },
  "a class of maps that the runtime does not have": {
    change: [
      "toolchain/src/facts/map-types.ts",
      '  BloomFilterMap: "V",\n',
      '  BloomFilterMap: "V",\n  NeverMade: "V",\n',
    ],
    said: /runtime\/create-map\.ts\(\d+,\d+\): error TS/,
  },
};

describe("the compiler refuses", () => {
  let said: string;
  before(() => {
    for (const part of ["toolchain/src", "create/src", "vendor", "tsconfig.json", "package.json"])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    for (const part of ["toolchain", "create"])
      symlinkSync(join(root, part, "node_modules"), join(copy, part, "node_modules"));
  });

  it("nothing in the sources as they are", () => {
    assert.equal(complaints(), "");
    for (const mistake of Object.values(MISTAKES)) change(...mistake.change);
    said = complaints();
  });

  for (const [name, mistake] of Object.entries(MISTAKES))
    it(name, () => {
      assert.match(said, mistake.said);
    });
});
