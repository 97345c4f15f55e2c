// docs/commands.md says of every verb what its help says.
import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ROOT } from "../root.ts";
import { MADE, verbSections } from "./commands-page.ts";

test("docs/commands.md has every verb with its help; UPDATE=1 renews it", async () => {
  const file = join(ROOT, "docs/commands.md");
  const [written = "", made, ...more] = readFileSync(file, "utf8").split(`${MADE}\n`);
  assert.deepEqual(more, [], "the line that begins the sections stands there once");
  const sections = await verbSections();
  if (process.env.UPDATE) writeFileSync(file, `${written}${MADE}\n${sections}`);
  else assert.equal(made, sections);
});
