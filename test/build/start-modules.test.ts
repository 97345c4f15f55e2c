// What an app makes Node load before its programs are attached. Each module costs a start up to some milliseconds.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { bundle } from "../../toolchain/src/bundle/bundle.ts";
import { folderWith } from "../app.ts";
import { ROOT } from "../root.ts";

const RUNTIME = join(ROOT, "toolchain/src/runtime/index.ts");
const GENERATED = join(ROOT, "toolchain/src/runtime/generated.ts");
/** Says what Node has loaded when `main` runs, and what after a line was printed. */
const APP = `
import { writeSync } from "node:fs";
import { parseArgs } from "node:util";
import { main } from ${JSON.stringify(RUNTIME)};
import { defineSkeleton } from ${JSON.stringify(GENERATED)};
const loaded = () => process.moduleLoadList.filter((name) => name.startsWith("NativeModule "));
const none = defineSkeleton({ name: "none", url: import.meta.url });
await main(async () => {
  parseArgs({ options: {} });
  try {
    none.open();
  } catch {}
  const before = loaded();
  console.log("a line");
  writeSync(3, JSON.stringify({ before, printed: loaded() }));
});
`;

const root = folderWith({ "src/app.ts": APP });
const script = join(root, "app.cjs");
before(async () => {
  const node = process.versions.node;
  await bundle({ root, entry: "src/app.ts", out: script, depfile: join(root, "app.d"), node, extra: [] });
});

test("an app loads few of Node's modules until it prints", () => {
  const stdio = ["ignore", "pipe", "pipe", "pipe"] as const;
  const bare = spawnSync(
    process.execPath,
    ["-e", "fs.writeSync(3, JSON.stringify(process.moduleLoadList))"],
    { stdio: [...stdio], encoding: "utf8" },
  );
  const app = spawnSync(process.execPath, [script], { stdio: [...stdio], encoding: "utf8" });
  assert.equal(app.stderr, "");
  assert.equal(app.stdout, "a line\n");
  const { before, printed } = JSON.parse(app.output[3]!) as Record<string, string[]>;
  const usual = new Set(JSON.parse(bare.output[3]!) as string[]);
  const more = before!.filter((name) => !usual.has(name)).map((name) => name.replace("NativeModule ", ""));
  for (const heavy of [
    "stream",
    "net",
    "tty",
    "worker_threads",
    "child_process",
    "readline",
    "internal/worker",
  ])
    assert.ok(!more.includes(heavy), `${heavy} is loaded before anything is printed`);
  assert.ok(more.length <= 15, `${more.length} modules are loaded besides Node's own:\n${more.join("\n")}`);
  assert.ok(printed!.includes("NativeModule stream"), "what is printed needs streams");
});

test("a bundle takes single names of Node's modules, and copies no module", () => {
  const text = readFileSync(script, "utf8");
  assert.ok(/Reflect\.get\(\$\w*, "writeSync"\)/.test(text), "writeSync is taken by its name");
  assert.ok(!/__toESM\(require_node_/.test(text), "no module is copied");
});
