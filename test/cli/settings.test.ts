import assert from "node:assert/strict";
import { test } from "node:test";
import { folderWith, MINIMAL } from "../app.ts";
import { bpfApp } from "./run.ts";

function table() {
  const { status, stdout, stderr } = bpfApp(folderWith({}), ["settings"]);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  const [heads, ...rows] = stdout.trimEnd().split("\n");
  return { heads: heads!, rows: rows.map((row) => row.split(/ {2,}/)) };
}

test("settings are listed with their key in the file, their default and what they do", () => {
  const { heads, rows } = table();
  assert.match(heads, /NAME=.*bpf-app\.config\.ts.*default/);
  const clang = rows.find(([word]) => word === "CLANG");
  assert.deepEqual(clang?.slice(0, 3), ["CLANG", "clang", "clang"]);
  for (const [word, key, fallback, doc, ...more] of rows) {
    assert.match(word!, /^[A-Z_]+$/);
    assert.match(key!, /^[a-z]\w*$/i);
    assert.ok(fallback && doc, `${word} has a default and says what it does`);
    assert.deepEqual(more, []);
  }
});

test("every setting that is listed may be given, and no other", () => {
  const app = folderWith(MINIMAL);
  const listed = table().rows.map(([word]) => `${word}=`);
  const refused = (words: readonly string[]) =>
    /no setting (\w+)/.exec(bpfApp(app, ["build", "--dry-run", ...words]).stderr)?.[1];
  assert.equal(refused(listed), undefined);
  assert.equal(refused([...listed, "FROBNICATE="]), "FROBNICATE");
});
