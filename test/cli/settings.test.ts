import assert from "node:assert/strict";
import { test } from "node:test";
import { folderWith, MINIMAL } from "../app.ts";
import { bpfApp } from "./run.ts";

function table() {
  const { status, stdout, stderr } = bpfApp(folderWith({}), ["settings"]);
  assert.equal(stderr, "");
  assert.equal(status, 0);
  const [both, alone] = stdout.split("\n\n").map((table) => table.trimEnd().split("\n"));
  const cells = (rows: readonly string[]) => rows.slice(1).map((row) => row.split(/ {2,}/));
  return { heads: both![0]!, rows: cells(both!), alone: cells(alone!) };
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

test("what the file alone takes is listed as well, and taken", () => {
  const keys = table().alone.map(([key]) => key);
  assert.deepEqual(keys, ["events", "programs", "targets"]);
  const said = (keys: readonly string[]) => {
    const file = `export default { ${keys.map((key) => `${key}: ${key === "targets" ? "[]" : "{}"}`)} };\n`;
    return bpfApp(folderWith({ ...MINIMAL, "bpf-app.config.ts": file }), ["build", "--dry-run"]).stderr;
  };
  assert.doesNotMatch(said(keys), /no setting/);
  assert.match(said([...keys, "frobnicate"]), /no setting frobnicate/);
});

test("every setting that is listed may be given, and no other", () => {
  const app = folderWith(MINIMAL);
  const listed = table().rows.map(([word]) => `${word}=`);
  const refused = (words: readonly string[]) =>
    /no setting (\w+)/.exec(bpfApp(app, ["build", "--dry-run", ...words]).stderr)?.[1];
  assert.equal(refused(listed), undefined);
  assert.equal(refused([...listed, "FROBNICATE="]), "FROBNICATE");
});
