import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { describe, it } from "node:test";
import { promisify } from "node:util";
import { guardSource } from "../../toolchain/src/icu/index.ts";

const run = promisify(execFile);

const ALL = [
  "ar",
  "ar-EG",
  "de",
  "de-AT",
  "de-DE",
  "en",
  "en-GB",
  "en-US",
  "fr",
  "th",
  "zh",
  "zh-Hant",
  "zh-Hant-TW",
  "zh-TW",
];
const KEPT = ["en", "en-GB", "en-US", "fr", "zh"];
const GUARD = guardSource({ all: ALL, kept: KEPT, asked: ["fr", "zh-Hans"], temporal: true });

/** What a script prints behind the guard, on a machine of this locale. This Node has all locales still. */
async function behind(script: string, lang = "C.UTF-8"): Promise<{ stdout: string; stderr: string }> {
  const { LC_ALL, LC_MESSAGES, ...env } = process.env;
  return run(process.execPath, ["-e", `"use strict";\n${GUARD}${script}`], { env: { ...env, LANG: lang } });
}

/** The values of expressions, or the errors that they were. */
async function valuesOf(expressions: readonly string[], lang?: string): Promise<unknown[]> {
  const asked = expressions.map((one) => `() => (${one})`).join(", ");
  const tell = "(ask) => { try { return ask(); } catch (error) { return String(error); } }";
  const { stdout } = await behind(`console.log(JSON.stringify([${asked}].map(${tell})));`, lang);
  return JSON.parse(stdout);
}

describe("a locale that was left out of the file", () => {
  it("is refused by all that formats and compares, with what to do", async () => {
    const refused = await valuesOf([
      "new Intl.DateTimeFormat('de')",
      "Intl.NumberFormat('de-AT')",
      "new Intl.NumberFormat(new Intl.Locale('de'))",
      "new Intl.NumberFormat(['de', 'tlh'])",
      "new Intl.Collator('de-u-co-phonebk')",
      "new Intl.ListFormat('de')",
      "new Intl.RelativeTimeFormat('de')",
      "new Intl.DisplayNames('de', { type: 'region' })",
      "new Intl.Segmenter('de')",
      "Intl.DurationFormat ? new Intl.DurationFormat('de') : new Intl.Segmenter('de')",
      "new Date().toLocaleString('de')",
      "new Date().toLocaleDateString('de')",
      "new Date().toLocaleTimeString('de')",
      "(1).toLocaleString('de')",
      "1n.toLocaleString('de')",
      "[1].toLocaleString('de')",
      "'a'.localeCompare('b', 'de')",
      "globalThis.Temporal ? Temporal.PlainDate.from('2026-11-30').toLocaleString('de') : (1).toLocaleString('de')",
    ]);
    const said =
      "RangeError: This program was built without the locale data of de, to make its file smaller. To have it in the " +
      "file, build with LOCALES=fr,zh-Hans,de, or with LOCALES=all for every locale.";
    assert.deepEqual(refused, Array(refused.length).fill(said));
    const [traditional, taiwanese] = await valuesOf([
      "(1).toLocaleString('zh-Hant-HK')",
      "(1).toLocaleString('zh-TW')",
    ]);
    assert.match(String(traditional), /^RangeError: .* of zh-Hant, /);
    assert.match(String(taiwanese), /^RangeError: .* of zh-TW, /);
  });

  it("is no trouble where another of a list is there, and for what is the same in all files", async () => {
    assert.deepEqual(
      await valuesOf([
        "new Intl.NumberFormat(['de', 'fr']).resolvedOptions().locale",
        "new Intl.NumberFormat(['zh-Hant', 'fr']).resolvedOptions().locale",
        "new Date(0).toLocaleDateString('en-GB', { timeZone: 'UTC' })",
        "(1234.5).toLocaleString('fr-CA-u-nu-latn').length",
        "new Intl.PluralRules('ar').select(2)",
        "'i'.toLocaleUpperCase('tr')",
        "new Intl.Locale('de').maximize().toString()",
        "'a'.localeCompare('b')",
        "(1234.5).toLocaleString('tlh')",
        "(1234.5).toLocaleString()",
      ]),
      ["fr", "fr", "01/01/1970", 7, "two", "İ", "de-Latn-DE", -1, "1,234.5", "1,234.5"],
    );
  });

  it("is refused where facts about it are asked for that were left out, and words of its script", async () => {
    const [collations, words, letters, latin, none] = await valuesOf([
      "new Intl.Locale('ar').collations ?? new Intl.Locale('ar').getCollations()",
      "new Intl.Segmenter('en', { granularity: 'word' }).segment('ภาษาไทย')",
      "[...new Intl.Segmenter('en').segment('ภา')].length",
      "[...new Intl.Segmenter('en', { granularity: 'word' }).segment('two words')].length",
      "new Intl.Segmenter('en').segment(Symbol())",
    ]);
    assert.match(String(collations), /^RangeError: .* the locale data of ar, /);
    assert.match(
      String(words),
      /^RangeError: .* the dictionary to find words of th, .*LOCALES=fr,zh-Hans,th/,
    );
    assert.deepEqual([letters, latin], [2, 3]);
    assert.match(String(none), /^TypeError: Cannot convert a Symbol/);
  });

  it("leaves errors of others as they are", async () => {
    assert.deepEqual(await valuesOf(["new Intl.NumberFormat('no locale')", "(1).toLocaleString(null)"]), [
      "RangeError: Incorrect locale information provided",
      "TypeError: Cannot convert undefined or null to object",
    ]);
  });
});

describe("the machine's own locale", () => {
  const script =
    "console.log((1234.5).toLocaleString(), new Intl.NumberFormat().resolvedOptions().locale, (1.5).toLocaleString('tlh'));";

  it("that was left out is said once when it is first used, and English takes its place", async () => {
    const { stdout, stderr } = await behind(script, "de_DE.UTF-8");
    assert.equal(stdout, "1,234.5 en-US 1.5\n");
    assert.equal(
      stderr,
      "The locale of this machine is de-DE, and English is used instead. This program was built without the locale data " +
        "of de, to make its file smaller. To have it in the file, build with LOCALES=fr,zh-Hans,de, or with LOCALES=all " +
        "for every locale.\n",
    );
  });

  it("is not spoken of where it is not used", async () => {
    const { stderr } = await behind(
      "console.log(new Date(), 1.5, (1.5).toLocaleString('fr'), String(new Date(0)));",
      "de_DE.UTF-8",
    );
    assert.equal(stderr, "");
  });

  it("is used silently where it is there, or is none", async () => {
    for (const lang of ["C", "POSIX", "en_GB.UTF-8", "fr_FR.UTF-8"])
      assert.equal((await behind(script, lang)).stderr, "", lang);
    assert.equal((await behind(script, "fr_FR.UTF-8")).stdout.split(" ").at(-2), "fr-FR");
  });

  it("does not name time zones if it was left out", async () => {
    const print =
      "process.env.TZ = 'Europe/Berlin'; console.log(String(new Date(0)), new Date(Number.NaN).toTimeString());";
    const { stdout } = await behind(print, "de_DE.UTF-8");
    assert.equal(stdout, "Thu Jan 01 1970 01:00:00 GMT+0100 (Central European Standard Time) Invalid Date\n");
  });
});

describe("what a library looks at", () => {
  it("is as it was: descriptors, names, lengths, prototypes, subclasses", async () => {
    const look = `
      const told = [];
      for (const [owner, names] of [[Intl, Object.getOwnPropertyNames(Intl)], [Date.prototype, ["toLocaleString", "toString"]],
        [String.prototype, ["localeCompare"]], [Intl.Segmenter.prototype, ["segment", "constructor"]],
        [Intl.Locale.prototype, Object.getOwnPropertyNames(Intl.Locale.prototype)]])
        for (const name of names) {
          const { value, get, ...rest } = Object.getOwnPropertyDescriptor(owner, name);
          const one = value ?? get;
          told.push([name, rest, typeof value, one?.name, one?.length, typeof one === "function" && Object.getOwnPropertyNames(one)]);
        }
      class Money extends Intl.NumberFormat { twice(n) { return this.format(2 * n); } }
      const money = new Money("en");
      told.push(money.twice(2), money instanceof Money, money instanceof Intl.NumberFormat, money.constructor === Money);
      told.push(Intl.NumberFormat("en") instanceof Intl.NumberFormat, new Intl.NumberFormat("en").constructor === Intl.NumberFormat);
      told.push(Object.prototype.toString.call(new Intl.Collator()), Object.keys(Intl), require("util").inspect(Intl.Collator));
      told.push([3, 1, 2].toLocaleString(), ["b", "a"].sort(new Intl.Collator().compare).join());
      console.log(JSON.stringify(told));`;
    const { stdout } = await run(process.execPath, ["-e", look], {
      env: { ...process.env, LANG: "C.UTF-8" },
    });
    assert.equal((await behind(look)).stdout, stdout);
  });

  it("is untouched in a file that has all locales", () => {
    assert.equal(guardSource({ all: ALL, kept: ALL, asked: [], temporal: false }), "");
  });

  it("is guarded by a text that a bundler may shorten", async () => {
    const { transform } = await import("esbuild");
    const { code } = await transform(GUARD, { minify: true });
    const { stdout } = await run(process.execPath, [
      "-e",
      `${code}try { (1).toLocaleString("de"); } catch (error) { console.log(error.name); }`,
    ]);
    assert.equal(stdout, "RangeError\n");
  });
});
