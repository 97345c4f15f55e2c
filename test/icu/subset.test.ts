import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { isFailure } from "../../toolchain/src/base/failure.ts";
import type { IcuFailure } from "../../toolchain/src/icu/failures.ts";
import { findIcuData, icuLocales, type Kept, subsetIcu } from "../../toolchain/src/icu/index.ts";
import { readPackage } from "../../toolchain/src/icu/package.ts";
import { icuWords } from "../../toolchain/src/icu/words.ts";
import { indexOf, packageOf, samplePackage } from "./packages.ts";

const failing =
  (kind: IcuFailure["kind"], said: RegExp = /./) =>
  (error: unknown): boolean =>
    isFailure(error, "icu") &&
    error.failure.kind === kind &&
    said.test(JSON.stringify(icuWords(error.failure)));

const itemsOf = (kept: Kept): string[] => [...readPackage(kept.data).items.keys()];
const keep = (...locales: string[]) => subsetIcu(samplePackage(), { locales, converters: false });

describe("a package of ICU's data", () => {
  it("is found where its head and its table are", () => {
    const data = samplePackage();
    const file = Buffer.concat([
      Buffer.from("\x7fELF CmnD, and CmnD again"),
      Buffer.alloc(100),
      data,
      Buffer.alloc(9),
    ]);
    const offset = file.length - 9 - data.length;
    const found = findIcuData(file);
    assert.equal(found?.offset, offset);
    assert.equal(found?.prefix, "icudt78l");
    // The package ends with its last item; what aligns the next one is no part of it.
    assert.ok(data.length - (found?.size ?? 0) < 16);
    assert.equal(findIcuData(file, offset)?.offset, offset);
    assert.equal(findIcuData(file, offset + 1), undefined);
    assert.equal(findIcuData(Buffer.from("nothing")), undefined);
  });

  it("begins every item at a multiple of sixteen, in order of names, as ICU looks them up", () => {
    const data = keep("de").data;
    const view = new DataView(data.buffer);
    const start = view.getUint16(0, true);
    const count = view.getUint32(start, true);
    const places = Array.from(
      { length: count },
      (_, index) => start + view.getUint32(start + 8 + index * 8, true),
    );
    assert.ok(places.every((place) => place % 16 === 0));
    const names = itemsOf(keep("de"));
    assert.deepEqual(names, [...names].sort());
  });

  it("that is damaged is refused with the reason", () => {
    const data = samplePackage();
    const read = (change: (view: DataView) => void) => () => {
      const copy = new Uint8Array(data);
      change(new DataView(copy.buffer));
      readPackage(copy);
    };
    assert.throws(
      read((view) => view.setUint32(32, 1e6, true)),
      failing("icu-damaged", /1000000 entries/),
    );
    assert.throws(
      read((view) => view.setUint32(36, 0xffffffff, true)),
      failing("icu-damaged", /no end/),
    );
    assert.throws(
      read((view) => view.setUint32(40, 0x7fffffff, true)),
      failing("icu-damaged"),
    );
    assert.throws(
      read((view) => view.setUint8(8, 1)),
      failing("icu-damaged", /head|byte order/),
    );
    assert.throws(() => readPackage(data.subarray(0, 500)), failing("icu-damaged"));
  });
});

describe("leaving locales out", () => {
  it("keeps English, the root and what belongs to no locale, when none is named", () => {
    const kept = keep();
    assert.deepEqual(kept.locales, ["en", "en-001", "en-150"]);
    assert.deepEqual(itemsOf(kept), [
      ...["brkitr/res_index.res", "brkitr/root.res", "brkitr/sent.brk"],
      ...["coll/en.res", "coll/res_index.res"],
      ...["en.res", "en_001.res", "en_150.res"],
      ...["ibm-5348_P100-1997.cnv", "numberingSystems.res"],
      ...["rbnf/res_index.res", "rbnf/zh.res", "res_index.res", "root.res"],
    ]);
  });

  it("keeps a language with its regions, and says how much each kind of the rest was", () => {
    const kept = keep("de");
    assert.deepEqual(kept.locales, ["de", "de-AT", "en", "en-001", "en-150"]);
    assert.ok(itemsOf(kept).includes("coll/de.res"));
    const whats = kept.dropped.map(({ what }) => what);
    for (const what of ["locales", "encodings", "dictionaries of words", "transliteration"])
      assert.ok(whats.includes(what), `${what}: ${whats}`);
    const bytes = kept.dropped.map((one) => one.bytes);
    assert.deepEqual(
      bytes,
      [...bytes].sort((a, b) => b - a),
    );
  });

  it("keeps parents that have other names, and other names of what is kept", () => {
    assert.deepEqual(keep("es-MX").locales, ["en", "en-001", "en-150", "es", "es-419", "es-MX"]);
    assert.deepEqual(keep("nb").locales, ["en", "en-001", "en-150", "nb", "no"]);
    assert.deepEqual(keep("no").locales, ["en", "en-001", "en-150", "nb", "no"]);
    const traditional = ["en", "en-001", "en-150", "zh", "zh-Hant", "zh-Hant-TW", "zh-TW"];
    assert.deepEqual(keep("zh-Hant").locales, traditional);
    assert.deepEqual(keep("zh-TW").locales, traditional);
  });

  it("keeps what an alias in one folder needs there, and lists it as no locale", () => {
    const kept = keep("yue");
    assert.deepEqual(kept.locales, ["en", "en-001", "en-150", "yue"]);
    assert.ok(itemsOf(kept).includes("coll/zh_Hant.res"));
    const index = readPackage(kept.data).items.get("coll/res_index.res");
    assert.deepEqual(icuLocales(packageOf({ "res_index.res": index as Uint8Array, "zu.res": indexOf([]) })), [
      "en",
      "yue",
    ]);
  });

  it("keeps dictionaries and rules of breaking with their languages", () => {
    assert.ok(itemsOf(keep("zh")).includes("brkitr/cjdict.dict"));
    assert.ok(!itemsOf(keep("zh")).includes("brkitr/thaidict.dict"));
    assert.ok(itemsOf(keep("el")).includes("brkitr/sent_el.brk"));
    assert.ok(!itemsOf(keep("el")).includes("brkitr/line.brk"));
  });

  it("keeps tables of encodings if it is asked to", () => {
    const kept = subsetIcu(samplePackage(), { locales: [], converters: true });
    assert.ok(itemsOf(kept).includes("ibm-943_P15A-2003.cnv"));
  });

  it("changes no byte that it was given, and is the same each time", () => {
    const data = Buffer.from(samplePackage());
    const before = Buffer.from(data);
    const first = subsetIcu(data, { locales: ["de"], converters: false });
    assert.ok(data.equals(before));
    assert.deepEqual(subsetIcu(data, { locales: ["de"], converters: false }).data, first.data);
    assert.deepEqual(subsetIcu(first.data, { locales: ["de"], converters: false }).data, first.data);
  });

  it("refuses what is no locale, and one that there is no data for, with the nearest", () => {
    assert.throws(() => keep("german!"), failing("icu-not-a-locale", /german!/));
    assert.throws(() => keep("e"), failing("icu-not-a-locale"));
    assert.throws(() => keep("tlh"), failing("icu-no-such-locale", /tlh/));
    assert.throws(() => keep("es-MXX"), failing("icu-not-a-locale"));
    assert.throws(() => keep("es-ME"), failing("icu-no-such-locale", /es-MX/));
  });
});

describe("the data of the Node that runs this", () => {
  let data: Uint8Array;
  before(() => {
    const file = readFileSync(process.execPath);
    const found = findIcuData(file);
    assert.ok(found, "no package in it");
    data = file.subarray(found.offset, found.offset + found.size);
  });

  it("has the locales that Intl says it has", () => {
    const locales = icuLocales(data);
    assert.ok(locales.length > 500, `${locales.length}`);
    const missing = locales.filter((tag) => new Intl.Locale(tag).toString() !== tag);
    assert.deepEqual(missing, []);
    // Intl leaves out a few that have no numbers of their own.
    const unknown = locales.filter((tag) => Intl.DateTimeFormat.supportedLocalesOf(tag).length === 0);
    assert.ok(unknown.length < 10, unknown.join());
  });

  it("is a tenth without its locales, and every item that is left is as it was, but for the lists", () => {
    const kept = subsetIcu(data, { locales: [], converters: false });
    assert.ok(kept.data.length < 4_000_000, `${kept.data.length} bytes`);
    assert.ok(kept.locales.every((tag) => tag.startsWith("en")));
    const whole = readPackage(data).items;
    for (const [name, bytes] of readPackage(kept.data).items) {
      if (name.endsWith("res_index.res")) continue;
      // What aligns the next item is counted to the one before.
      const original = whole.get(name) as Uint8Array;
      const length = Math.min(bytes.length, original.length);
      assert.ok(Math.abs(bytes.length - original.length) < 16, name);
      assert.ok(Buffer.from(bytes.subarray(0, length)).equals(original.subarray(0, length)), name);
    }
  });

  it("can be left whole but for what Node cannot reach", () => {
    const all = icuLocales(data).filter((tag) => !tag.includes("-"));
    const kept = subsetIcu(data, { locales: all, converters: true });
    assert.deepEqual(kept.locales, icuLocales(data));
    assert.ok(!kept.dropped.some(({ what }) => what === "locales" || what === "dictionaries of words"));
  });
});
