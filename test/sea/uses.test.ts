import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { usesOf } from "../../toolchain/src/bundle/uses.ts";
import { guarded, writeGuard } from "../../toolchain/src/sea/guarded.ts";
import { ALL_USED, keptOf, localesNote, readUses, type Uses } from "../../toolchain/src/sea/uses.ts";

const dir = mkdtempSync(join(tmpdir(), "uses-test-"));
after(() => rmSync(dir, { recursive: true }));

const NONE: Uses = {
  literals: [],
  dynamic: false,
  doubts: [],
  converters: false,
  temporal: false,
  typescript: false,
  formats: false,
};
const ALL = ["de", "de-CH", "en", "fr", "zh", "zh-Hant"];

test("a script uses what it names", () => {
  assert.deepEqual(usesOf("console.log(1);"), NONE);
  assert.deepEqual(usesOf('n.toLocaleString("de");'), { ...NONE, literals: ["de"], formats: true });
  assert.equal(usesOf("console.log(String(new Date()));").formats, true);
  assert.equal(usesOf("n.toLocaleString(process.argv[2]);").dynamic, true);
  assert.equal(usesOf('new TextDecoder("shift_jis");').converters, true);
  assert.equal(usesOf("stripTypeScriptTypes(text);").typescript, true);
});

test("what is used is read as the bundle's step writes it, and anything else is refused", async () => {
  const path = join(dir, "uses.json");
  const uses = usesOf('new Intl.NumberFormat("fr");');
  writeFileSync(path, JSON.stringify(uses));
  assert.deepEqual(await readUses(path), uses);
  writeFileSync(path, '{"literals": []}');
  const problem = `${path} does not say what a program uses`;
  await assert.rejects(readUses(path), { failure: { kind: "sea-arguments", action: "trim", problem } });
});

test("LOCALES decides which languages are kept, or else the program does", () => {
  const kept = (uses: Uses, asked?: string) => keptOf(uses, asked)(() => ALL);
  const named = { ...NONE, literals: ["de-CH-1996", "zh-TW", "tlh"] };
  assert.deepEqual(kept(NONE), { locales: [], converters: false });
  assert.deepEqual(kept(named), { locales: ["de-CH", "zh"], converters: false });
  assert.deepEqual(kept(named, "fr, pt"), { locales: ["fr", "pt"], converters: false });
  assert.equal(kept(NONE, "all"), undefined);
  assert.equal(kept(ALL_USED), undefined);
  assert.deepEqual(kept(ALL_USED, "de"), { locales: ["de"], converters: true });
});

test("the build says which languages there are, and how to have others", () => {
  assert.match(localesNote({ ...NONE, literals: ["de"] }), /languages: en, de\. LOCALES=/);
  assert.match(localesNote(ALL_USED), /holds all of them\. LOCALES=en /);
  const doubts = ["toLocaleString(x)"];
  assert.match(localesNote({ ...ALL_USED, doubts }), /does not name, as in `toLocaleString\(x\)`, so/);
});

test("the guard stands on the script's first line, so that no line moves", async () => {
  const guard = join(dir, "guard.js");
  await writeGuard(guard, { all: ["de", "en"], kept: ["en"], asked: [], temporal: false });
  const script = guarded('"use strict";\nconst second = 2;\n', readFileSync(guard, "utf8"));
  const [first = "", second] = script.split("\n");
  assert.match(first, /^"use strict";new class.*RangeError/);
  assert.equal(second, "const second = 2;");
});

test("where nothing is left out there is no guard, and the script is taken as it is", async () => {
  const guard = join(dir, "none.js");
  await writeGuard(guard, { all: [], kept: [], asked: [], temporal: true });
  assert.equal(readFileSync(guard, "utf8"), "");
  assert.equal(guarded("one;", ""), "one;");
});
