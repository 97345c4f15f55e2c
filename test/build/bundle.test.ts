import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { test } from "node:test";
import { bundle } from "../../toolchain/src/bundle/bundle.ts";
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
