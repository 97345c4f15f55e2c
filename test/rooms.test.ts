import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { before, describe, it } from "node:test";
import { fileURLToPath } from "node:url";
import { folderWith } from "./app.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const ROOMS = readdirSync(join(root, "toolchain/src"), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => `toolchain/src/${entry.name}`);
const FOLDERS = [...ROOMS, "vendor", "create/src"];

/** For each folder, those it may import, found by giving the linter a file for each pair. */
function askLinter(statement: (specifier: string) => string): Map<string, string[]> {
  const project = folderWith({ "package.json": "{}" });
  for (const file of ["biome.json", "biome.rooms.json", ".gitignore"])
    cpSync(join(root, file), join(project, file));
  symlinkSync(join(root, "node_modules"), join(project, "node_modules"));
  spawnSync("git", ["init", "--quiet"], { cwd: project });
  const pairs = FOLDERS.flatMap((from) =>
    FOLDERS.filter((to) => to !== from).map((to) => [from, to] as const),
  );
  const fileOf = (from: string, to: string) => join(from, `to-${to.replaceAll("/", "-")}.ts`);
  for (const [from, to] of pairs) {
    const file = join(project, fileOf(from, to));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, statement(`${relative(from, to)}/some.ts`));
  }
  const biome = join(root, "node_modules/.bin/biome");
  const args = [
    "lint",
    "--only=style/noRestrictedImports",
    "--max-diagnostics=none",
    "--reporter=github",
    ".",
  ];
  const { stdout, stderr } = spawnSync(biome, args, { cwd: project, encoding: "utf8" });
  const refused = new Set([...stdout.matchAll(/file=([^,]+),/g)].map((match) => match[1]));
  assert.ok(refused.size > 0, stderr);
  const allowed = new Map<string, string[]>(FOLDERS.map((folder) => [folder, []]));
  for (const [from, to] of pairs) if (!refused.has(fileOf(from, to))) allowed.get(from)?.push(to);
  return allowed;
}

describe("imports, as the linter allows them,", () => {
  let allowed: Map<string, string[]>;
  before(() => {
    allowed = askLinter((specifier) => `import { a } from "${specifier}";\na();\n`);
  });

  it("go down: no folder comes back to itself", () => {
    const reach = (from: string, seen: string[]): void => {
      for (const to of allowed.get(from) ?? []) {
        assert.ok(!seen.includes(to), [...seen, to].join(" → "));
        reach(to, [...seen, to]);
      }
    };
    for (const folder of FOLDERS) reach(folder, [folder]);
  });

  it("leave the ground floor alone, and create and vendor above it", () => {
    assert.deepEqual(allowed.get("toolchain/src/base"), []);
    assert.deepEqual(allowed.get("vendor"), ["toolchain/src/base"]);
    assert.deepEqual(allowed.get("create/src"), ["toolchain/src/base", "vendor"]);
    for (const folder of FOLDERS)
      assert.ok(!allowed.get(folder)?.includes("create/src"), `${folder} may import create`);
  });

  it("are the same for types, exports and imports at run time", () => {
    for (const statement of [
      (specifier: string) => `import type { A } from "${specifier}";\nexport type B = A;\n`,
      (specifier: string) => `export * from "${specifier}";\n`,
      (specifier: string) => `export const a = await import("${specifier}");\n`,
    ])
      assert.deepEqual(askLinter(statement), allowed);
  });
});

describe("the terminal", () => {
  it("is written by report/ alone", () => {
    const printing = /process\.(stdout|stderr)\.write|console\.(log|error|warn|info)\(/;
    const sources = ["toolchain/src", "create/src"].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
        .map((entry) => relative(root, join(entry.parentPath, entry.name))),
    );
    // An app's own runtime prints for the app; verdict/ has a program of its own, whose output is read by another; bundle/
    // and icu/ hold the text of a script.
    const own =
      /^toolchain\/src\/(report|runtime)\/|^create\/src\/report\.ts$|^toolchain\/src\/(bundle\/bundle|icu\/locale-guard|verdict\/main)\.ts$/;
    const others = sources.filter(
      (file) => !own.test(file) && printing.test(readFileSync(join(root, file), "utf8")),
    );
    assert.deepEqual(others, []);
  });
});
