import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { folderWith } from "../app.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** Changes one file of a copy of the sources and gives what the compiler says. */
function complaints(file: string, from: string, to: string): string {
  const path = join(copy, file);
  const text = readFileSync(path, "utf8");
  assert.ok(text.includes(from), `${file} has no ${from}`);
  writeFileSync(path, text.replace(from, to));
  const tsc = join(root, "node_modules/.bin/tsc");
  const { stdout } = spawnSync(tsc, ["--noEmit", "--pretty", "false"], { cwd: copy, encoding: "utf8" });
  writeFileSync(path, text);
  return stdout;
}

const copy = folderWith({});

describe("the compiler refuses", () => {
  before(() => {
    for (const part of ["toolchain/src", "create/src", "vendor", "tsconfig.json", "package.json"])
      cpSync(join(root, part), join(copy, part), { recursive: true });
    symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
    for (const part of ["toolchain", "create"])
      symlinkSync(join(root, part, "node_modules"), join(copy, part, "node_modules"));
  });

  it("nothing in the sources as they are", () => {
    assert.equal(complaints("toolchain/src/base/failure.ts", "", ""), "");
  });

  it("a kind of failure that its layer does not word", () => {
    for (const [layer, union] of [
      ["host", "export type HostFailure =\n"],
      ["run", "export type RunFailure =\n"],
      ["cli", "export type CliFailure =\n"],
    ] as const) {
      const said = complaints(
        `toolchain/src/${layer}/failures.ts`,
        union,
        `${union}  | { readonly kind: "never-worded" }\n`,
      );
      assert.match(said, new RegExp(`toolchain/src/${layer}/words\\.ts\\(\\d+,\\d+\\): error TS2366`));
    }
  });

  it("a layer without words", () => {
    const said = complaints(
      "toolchain/src/facts/number.ts",
      "",
      'declare module "../base/failure.ts" {\n  interface Failures {\n    facts: { readonly kind: "odd" };\n  }\n}\n',
    );
    assert.match(
      said,
      /toolchain\/src\/cli\/errors\.ts\(\d+,\d+\): error TS2741: Property 'facts' is missing/,
    );
  });

  it("a failure that is of no kind of its layer", () => {
    const said = complaints("toolchain/src/cli/start.ts", '{ kind: "no-target" }', '{ kind: "no-tarlet" }');
    assert.match(said, /toolchain\/src\/cli\/start\.ts\(\d+,\d+\): error/);
  });

  it("a map type of a class that does not exist, and a class that the runtime does not have", () => {
    const type = complaints(
      "toolchain/src/facts/map-types.ts",
      "  bloom_filter: {",
      '  never_made: { number: 999, class: "NeverMade" },\n  bloom_filter: {',
    );
    assert.match(type, /facts\/map-types\.ts\(\d+,\d+\): error TS/);
    const known = complaints(
      "toolchain/src/facts/map-types.ts",
      '  BloomFilterMap: "V",\n',
      '  BloomFilterMap: "V",\n  NeverMade: "V",\n',
    );
    assert.match(known, /runtime\/create-map\.ts\(\d+,\d+\): error TS/);
  });
});
