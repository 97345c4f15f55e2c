import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative } from "node:path";
import { describe, it } from "node:test";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Data goes one way: config → host → plan → run → report, and imports point against it. Each room lists the rooms it
 * may import from. Types of another room count like code: they couple just as well.
 */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  base: [],
  elf: ["base"],
  btf: ["base", "elf"],
  facts: [],
  skeleton: ["base", "elf", "btf", "facts", "run/events.ts"],
  sea: ["base", "elf", "run/events.ts"],
  bundle: ["base", "run/events.ts"],
  config: ["base"],
  host: ["base", "config", "plan/step.ts"],
  plan: ["base", "config", "host"],
  run: ["base", "plan/step.ts"],
  report: [
    "base",
    "config",
    "host",
    "plan",
    "run",
    "sea",
    "btf",
    "elf",
    "skeleton",
    "bundle",
    "cli/failures.ts",
    "create",
    "vendor",
  ],
  cli: ["base", "config", "host", "plan", "run", "report", "sea", "skeleton", "bundle", "create", "vendor"],
  "cli.ts": ["cli"],
  // Shipped inside apps: it knows nothing of the build.
  runtime: ["facts"],
  // Imported by apps' tests.
  testing: [],
};

function sources(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function localImports(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(
    (match) => match[1] as string,
  );
  return specifiers.map((specifier) => normalize(join(dirname(file), specifier)));
}

function room(path: string): string {
  if (/^(?:create|vendor)\//.test(path)) return path.split("/")[0] as string;
  return relative("toolchain/src", path).split("/")[0] as string;
}

describe("imports of the toolchain", () => {
  const files = sources("toolchain/src");

  it("finds the rooms", () => {
    assert.deepEqual([...new Set(files.map(room))].sort(), Object.keys(MAY_IMPORT).sort());
  });

  for (const file of files) {
    it(`point one way in ${file}`, () => {
      const own = room(file);
      const allowed = MAY_IMPORT[own] ?? [];
      for (const target of localImports(file)) {
        const to = room(target);
        const within = relative("toolchain/src", target);
        assert.ok(
          to === own || allowed.includes(to) || allowed.includes(within),
          `${file} imports ${within}`,
        );
      }
    });
  }
});

describe("imports of create-bpf-app", () => {
  it("know nothing of compilers: of the toolchain only its ground floor", () => {
    for (const file of sources("create/src")) {
      for (const target of localImports(file)) {
        assert.ok(
          !target.startsWith("toolchain/") ||
            target.startsWith("toolchain/src/base/") ||
            target.startsWith("vendor/"),
          `${file} imports ${target}`,
        );
      }
    }
  });
});

describe("the terminal", () => {
  it("is written by report/ alone", () => {
    const printing = /process\.(stdout|stderr)\.write|console\.(log|error|warn|info)\(/;
    const others = [...sources("toolchain/src"), ...sources("create/src")]
      .filter(
        (file) => !file.startsWith("toolchain/src/report/") && !file.startsWith("toolchain/src/runtime/"),
      )
      .filter((file) => file !== "create/src/report.ts" && file !== "toolchain/src/bundle/bundle.ts")
      .filter((file) => printing.test(readFileSync(join(root, file), "utf8")));
    assert.deepEqual(others, []);
  });
});
