// Small packages of ICU's data, made here: bundles of the oldest format that is read, whose strings and tables are whole
// words, and a package of them.
import { writePackage } from "../../toolchain/src/icu/package.ts";

/** What a bundle has: a text, or texts and tables by name. */
export type Tree = string | { readonly [key: string]: Tree };

const encoder = new TextEncoder();

/** The head of a file of ICU's data: its format, and the format's version. */
export function head(format: string, version: number): Buffer {
  const bytes = Buffer.alloc(32);
  bytes.writeUInt16LE(32, 0);
  bytes.set([0xda, 0x27], 2);
  bytes.writeUInt16LE(20, 4);
  bytes[10] = 2;
  bytes.write(format, 12, "latin1");
  bytes[16] = version;
  return bytes;
}

/** A resource bundle. */
export function bundleOf(tree: Tree): Buffer {
  const keys = new Map<string, number>();
  let at = 4 + 8 * 4;
  const collect = (one: Tree): void => {
    if (typeof one === "string") return;
    for (const [key, value] of Object.entries(one)) {
      if (!keys.has(key)) {
        keys.set(key, at);
        at += encoder.encode(key).length + 1;
      }
      collect(value);
    }
  };
  collect(tree);
  const keysTop = Math.ceil(at / 4) * 4;
  const parts: Buffer[] = [];
  let end = keysTop;
  const place = (bytes: Buffer): number => {
    const padded = Buffer.concat([bytes, Buffer.alloc((4 - (bytes.length % 4)) % 4)]);
    const offset = end / 4;
    parts.push(padded);
    end += padded.length;
    return offset;
  };
  const resource = (one: Tree): number => (typeof one === "string" ? string(one) : table(one));
  const string = (text: string): number => {
    if (text === "") return 0;
    const bytes = Buffer.alloc(4 + text.length * 2 + 2);
    bytes.writeUInt32LE(text.length, 0);
    bytes.write(text, 4, "utf16le");
    return place(bytes);
  };
  const table = (one: { readonly [key: string]: Tree }): number => {
    const entries = Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1));
    const items = entries.map(([, value]) => resource(value));
    const names = Buffer.alloc(2 + entries.length * 2 + (entries.length % 2 === 0 ? 2 : 0));
    names.writeUInt16LE(entries.length, 0);
    for (const [index, [key]] of entries.entries())
      names.writeUInt16LE(keys.get(key) as number, 2 + index * 2);
    const words = Buffer.alloc(items.length * 4);
    for (const [index, item] of items.entries()) words.writeUInt32LE(item, index * 4);
    return (2 << 28) + place(Buffer.concat([names, words]));
  };
  const root = resource(tree);
  const start = Buffer.alloc(keysTop);
  start.writeUInt32LE(root >>> 0, 0);
  for (const [index, value] of [8, keysTop / 4, end / 4, end / 4, 100, 0, keysTop / 4, 0].entries())
    start.writeUInt32LE(value, 4 + index * 4);
  for (const [key, offset] of keys) start.write(key, offset, "latin1");
  return Buffer.concat([head("ResB", 2), start, ...parts]);
}

/** An index of locales. */
export function indexOf(installed: readonly string[], aliases: readonly string[] = []): Buffer {
  const list = (ids: readonly string[]) => Object.fromEntries(ids.map((id) => [id, ""]));
  return bundleOf({ AliasLocales: list(aliases), CLDRVersion: "48", InstalledLocales: list(installed) });
}

/** A package of these items. */
export function packageOf(items: Readonly<Record<string, Uint8Array>>): Uint8Array {
  return writePackage(head("CmnD", 1), "icudt78l", new Map(Object.entries(items)));
}

const empty = bundleOf({ Version: "1" });
const names = (text: string) => bundleOf({ Names: text });

/** A package with a few of everything: aliases, parents elsewhere, folders, dictionaries, tables of encodings. */
export function samplePackage(): Uint8Array {
  return packageOf({
    "brkitr/cjdict.dict": Buffer.from("dictionary of Chinese and Japanese"),
    "brkitr/el.res": bundleOf({ boundaries: { sentence: "sent_el.brk" } }),
    "brkitr/line.brk": Buffer.from("where lines may end"),
    "brkitr/res_index.res": indexOf(["el"]),
    "brkitr/root.res": bundleOf({ boundaries: { line: "line.brk", sentence: "sent.brk" } }),
    "brkitr/sent.brk": Buffer.from("where sentences end"),
    "brkitr/sent_el.brk": Buffer.from("where sentences end in Greek"),
    "brkitr/thaidict.dict": Buffer.from("dictionary of Thai"),
    "coll/res_index.res": indexOf(["de", "en", "zh"], ["yue"]),
    "coll/de.res": names("sorted in German"),
    "coll/en.res": empty,
    "coll/yue.res": bundleOf({ "%%ALIAS": "zh_Hant" }),
    "coll/zh.res": names("sorted in Chinese"),
    "coll/zh_Hant.res": names("sorted in traditional Chinese"),
    "de.res": names("German"),
    "de_AT.res": names("Austrian"),
    "el.res": names("Greek"),
    "en.res": names("English"),
    "en_150.res": bundleOf({ "%%Parent": "en_001" }),
    "en_001.res": empty,
    "es.res": names("Spanish"),
    "es_419.res": names("Latin American"),
    "es_MX.res": bundleOf({ "%%Parent": "es_419" }),
    "ibm-5348_P100-1997.cnv": Buffer.from("windows-1252"),
    "ibm-943_P15A-2003.cnv": Buffer.from("Shift JIS"),
    "no.res": names("Norwegian"),
    "nb.res": bundleOf({ "%%Parent": "no" }),
    "numberingSystems.res": bundleOf({
      numberingSystems: { hanidays: { desc: "zh/Rules/%days" }, latn: { desc: "0123" } },
    }),
    "rbnf/res_index.res": indexOf(["zh"]),
    "rbnf/zh.res": names("days spelled out"),
    "res_index.res": indexOf(
      [
        "de",
        "de_AT",
        "el",
        "en",
        "en_001",
        "en_150",
        "es",
        "es_419",
        "es_MX",
        "nb",
        "no",
        "yue",
        "zh",
        "zh_Hant",
        "zh_Hant_TW",
      ],
      ["zh_TW"],
    ),
    "root.res": empty,
    "translit/root.res": names("transliteration"),
    "yue.res": names("Cantonese"),
    "zh.res": names("Chinese"),
    "zh_Hant.res": bundleOf({ "%%Parent": "root" }),
    "zh_Hant_TW.res": names("Taiwanese"),
    "zh_TW.res": bundleOf({ "%%ALIAS": "zh_Hant_TW" }),
    "zu.res": empty,
  });
}
