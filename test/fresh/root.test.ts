import assert from "node:assert/strict";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith } from "../app.ts";
import { RECIPES } from "./recipe.ts";
import { bootstrap } from "./root.ts";

const recipe = RECIPES[0]!;
const sources = ["one", "one-updates", "one-security"].map((suite) => ({ suite, line: `deb ${suite}` }));
const GONE = "E: Failed to fetch thing_1.deb  404  Not Found";

/** Stands for mmdebstrap: fails, having begun, if one of the broken suites is among the lines. */
function maker(broken: readonly string[], asked: string[][]) {
  return async (_: unknown, root: string, lines: readonly string[]) => {
    asked.push([...lines]);
    mkdirSync(root);
    if (!lines.some((line) => broken.some((suite) => line === `deb ${suite}`))) return;
    writeFileSync(join(root, "half"), "");
    throw Object.assign(new Error("mmdebstrap failed"), { stderr: `I: fetching\n${GONE}\nI: done\n` });
  };
}

test("a suite whose pool lacks what its lists name is left out, and that is said", async () => {
  const root = join(folderWith({}), "root");
  const asked: string[][] = [];
  const notes = await bootstrap(recipe, root, sources, maker(["one-updates"], asked));
  assert.deepEqual(asked, [
    ["deb one", "deb one-updates", "deb one-security"],
    ["deb one", "deb one-security"],
  ]);
  assert.deepEqual(notes, [
    `one, one-updates, one-security: ${GONE}`,
    `${recipe.name} was made of one, one-security alone.`,
  ]);
  assert.ok(!existsSync(join(root, "half")), "what the first try left is gone");
});

test("nothing is said when all suites are whole", async () => {
  const root = join(folderWith({}), "root");
  assert.deepEqual(await bootstrap(recipe, root, sources, maker([], [])), []);
});

test("a release that cannot be had is the end, with what is missing", async () => {
  const root = join(folderWith({}), "root");
  const asked: string[][] = [];
  await assert.rejects(bootstrap(recipe, root, sources, maker(["one"], asked)), (error: Error) => {
    assert.match(error.message, /^No debian-12 could be made of what the mirror serves:\n/);
    assert.equal(error.message.split(GONE).length - 1, 4);
    return true;
  });
  assert.deepEqual(asked.at(-1), ["deb one"]);
  assert.ok(!existsSync(root));
});
