import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { isFailure } from "../../toolchain/src/base/failure.ts";
import { bundle } from "../../toolchain/src/bundle/bundle.ts";
import { parseDepfile } from "../../toolchain/src/run/depfile.ts";
import { folderWith } from "../app.ts";

test("an app can import each of Node's own modules", async () => {
  const names = builtinModules.filter((name) => !name.startsWith("_"));
  const lines = names.map((name, i) => `import * as m${i} from "node:${name.replace(/^node:/, "")}";`);
  const used = names.map((_, i) => `m${i}`).join(", ");
  const root = folderWith({
    "src/app.ts": `${lines.join("\n")}\nconsole.log([${used}].filter((module) => module !== undefined).length);\n`,
  });
  const out = join(root, "app.cjs");
  const node = process.versions.node;
  await bundle({ root, entry: "src/app.ts", out, depfile: join(root, "app.cjs.d"), node, extra: [] });
  const { stdout, stderr } = spawnSync(process.execPath, [out], { encoding: "utf8" });
  assert.equal(stdout, `${names.length}\n`, stderr);
});

/** Bundles src/app.ts of these files. */
async function bundled(files: Readonly<Record<string, string>>) {
  const root = folderWith(files);
  const depfile = join(root, "app.cjs.d");
  const warnings = await bundle({
    root,
    entry: "src/app.ts",
    out: join(root, "app.cjs"),
    depfile,
    node: process.versions.node,
    extra: [],
  });
  return { warnings, read: parseDepfile(readFileSync(depfile, "utf8")) };
}

test("what esbuild warns of and refuses has its place as clang's messages have", async () => {
  const { warnings } = await bundled({
    "src/app.ts": "\nexport const twice = { a: 1,  a: 2 };\nconsole.log(twice);\n",
  });
  assert.deepEqual(warnings, ['src/app.ts:2:31: warning: Duplicate key "a" in object literal']);
  await assert.rejects(bundled({ "src/app.ts": 'import "./absent.ts";\n' }), (error: unknown) => {
    assert.ok(isFailure(error, "bundle"));
    assert.equal(error.failure.text, 'src/app.ts:1:8: error: Could not resolve "./absent.ts"');
    return true;
  });
});

test("files of any name that are imported are found again in the dependency file", async () => {
  const name = "it's $my $$file #1 {x}";
  const files = {
    "src/app.ts": `import ${JSON.stringify(`./${name}.ts`)};\n`,
    [`src/${name}.ts`]: "console.log(1);\n",
  };
  const { read } = await bundled(files);
  assert.deepEqual(read.sort(), ["src/app.ts", `src/${name}.ts`]);
});

test("a package that resolves names by import.meta can be bundled", async () => {
  const root = folderWith({
    "src/app.ts": `console.log(import.meta.resolve("node:fs"), import.meta.resolve("./beside.js").endsWith("/beside.js"));\n`,
    "beside.js": "",
  });
  const out = join(root, "app.cjs");
  const node = process.versions.node;
  await bundle({ root, entry: "src/app.ts", out, depfile: join(root, "app.cjs.d"), node, extra: [] });
  const { stdout, stderr } = spawnSync(process.execPath, [out], { encoding: "utf8" });
  assert.equal(stdout, "node:fs true\n", stderr);
});

test("Node's modules are imported in each of the ways that there are", async () => {
  const root = folderWith({
    "src/app.ts": `import os, { platform } from "os";
import * as path from "node:path";
import { notThere } from "node:fs";
import { EOL, type CpuInfo } from "node:os";
const { sep } = await import("node:path");
const whole = { ...path };
console.log(JSON.stringify([os.platform() === platform(), path.sep === sep, typeof whole.join, typeof notThere, EOL]));
`,
  });
  const out = join(root, "app.cjs");
  const node = process.versions.node;
  await bundle({ root, entry: "src/app.ts", out, depfile: join(root, "app.cjs.d"), node, extra: [] });
  const { stdout, stderr } = spawnSync(process.execPath, [out], { encoding: "utf8" });
  // A name that this Node does not know is looked up when the app runs: its Node may be a newer one.
  assert.deepEqual(JSON.parse(stdout || "null"), [true, true, "function", "undefined", "\n"], stderr);
});
