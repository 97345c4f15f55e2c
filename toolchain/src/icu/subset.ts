import { Failure } from "../base/failure.ts";
import { nearest } from "../base/nearest.ts";
import { type Bundle, children, entry, itemAt, keyAt, readBundle, stringOf, tableOf } from "./bundle.ts";
import { dictionariesWithout } from "./dictionaries.ts";
import { type Package, readPackage, writePackage } from "./package.ts";
import { listedIn, listOnly } from "./res-index.ts";
import { idOf, isLocaleId, shorter, tagsOf } from "./tags.ts";
import { placeOf, poolOf, type Tree, treesOf, withNeeded } from "./tree.ts";

/** What is to be kept. */
export interface Keep {
  /** Tags of BCP 47. A language is kept with all its regions and scripts; English and the root are kept always. */
  readonly locales: readonly string[];
  /** The tables of encodings besides UTF-8, UTF-16, Latin 1 and windows-1252, as `TextDecoder` has them. */
  readonly converters: boolean;
}

export interface Kept {
  /** A complete, smaller package, to be put at the same address. */
  readonly data: Uint8Array;
  /** The locales that are left, as Intl lists them, in order. */
  readonly locales: readonly string[];
  /** What was left out, the largest first. Bytes as they lie in the package. */
  readonly dropped: readonly Dropped[];
}

export interface Dropped {
  readonly what: string;
  readonly bytes: number;
}

/** The one table that Latin 1 needs: the standard of encodings makes windows-1252 of it. */
const WINDOWS_1252 = "ibm-5348_P100-1997.cnv";

/**
 * What V8 and Node have no code for, so that no program of theirs can reach it: the functions of ICU that read these are
 * not linked into Node.
 */
const UNREACHED: readonly (readonly [what: string, names: RegExp])[] = [
  ["transliteration", /^translit\//],
  ["preparation of strings (RFC 3454)", /\.spp$/],
  [
    "names of characters, mapping of old domain names, look-alike characters",
    /^(unames\.icu|uts46\.nrm|confusables\.cfu)$/,
  ],
];

/** For each folder, the locales whose bundles are kept. */
type Needed = ReadonlyMap<string, ReadonlySet<string>>;

/** The rules of `brkitr/` that `Intl.Segmenter` and the capitals at a sentence's beginning use. Others break lines. */
const BOUNDARIES = new Set(["grapheme", "word", "sentence", "title"]);

/**
 * Makes a package of ICU's data smaller: what belongs to locales that are not kept is left out, and what Node cannot
 * reach. What is left gives the same results as before. The indexes of locales list those that are kept.
 *
 * @throws Failure icu-damaged, icu-unsupported, icu-not-a-locale, icu-no-such-locale
 */
export function subsetIcu(data: Uint8Array, keep: Keep): Kept {
  const whole = readPackage(data);
  const trees = treesOf(whole);
  const asked = ["en", ...keep.locales.map((tag) => knownId(whole, trees, tag))];
  const listed = listedLocales(trees, asked);
  const spelled = spelledOut(whole);
  const needed = new Map(
    trees.map((tree) => {
      const all = tree.folder === SPELLING ? [...listed, ...spelled] : listed;
      return [tree.folder, withNeeded(tree, all)] as const;
    }),
  );
  const breaking = breakRules(whole, trees, needed);
  const dictionaries = new Set(dictionariesWithout(listed).map(({ item }) => item));
  const items = new Map<string, Uint8Array>();
  const dropped = new Map<string, number>();
  for (const [name, bytes] of whole.items) {
    const { folder, id } = placeOf(name);
    const why =
      UNREACHED.find(([, names]) => names.test(name))?.[0] ??
      (id !== undefined && !needed.get(folder)?.has(id) ? "locales" : undefined) ??
      whyLeftOut(name, { breaking, dictionaries, converters: keep.converters });
    if (why !== undefined) dropped.set(why, (dropped.get(why) ?? 0) + bytes.length);
    else if (name === `${folder}res_index.res`)
      items.set(name, listOnly(bytes, poolOf(whole, folder), listed));
    else items.set(name, bytes);
  }
  const smaller = writePackage(whole.head, whole.prefix, items);
  return {
    data: smaller,
    locales: icuLocales(smaller),
    dropped: [...dropped].map(([what, bytes]) => ({ what, bytes })).sort((a, b) => b.bytes - a.bytes),
  };
}

/** The locales that a package has data for, as Intl lists them, in order. @throws Failure icu-damaged, icu-unsupported */
export function icuLocales(data: Uint8Array): readonly string[] {
  return localesIn(readPackage(data));
}

function localesIn(whole: Package): readonly string[] {
  const index = whole.items.get("res_index.res");
  return index ? tagsOf(listedIn(index, poolOf(whole, ""))) : [];
}

function knownId(whole: Package, trees: readonly Tree[], tag: string): string {
  const id = idOf(tag);
  const top = trees.find(({ folder }) => folder === "");
  if (top?.locales.has(id)) return id;
  const near = nearest(tag, localesIn(whole));
  throw new Failure("icu", {
    kind: "icu-no-such-locale",
    locale: tag,
    ...(near === undefined ? {} : { nearest: near }),
  });
}

/**
 * The locales that Intl will say it has: those asked for with their scripts and regions, their languages, what all these
 * are made of, and their other names.
 */
function listedLocales(trees: readonly Tree[], asked: readonly string[]): ReadonlySet<string> {
  const top = trees.find(({ folder }) => folder === "");
  const isAsked = (id: string): boolean => [id, ...shorter(id)].some((one) => asked.includes(one));
  const ids = new Set(trees.flatMap((tree) => [...tree.locales.keys()]));
  const under = [...ids].filter((id) => isAsked(id) || asked.includes(top?.locales.get(id)?.parent ?? ""));
  // Some of Intl's services know a language alone: what pa-Arab asks of sorting is answered for pa.
  const looked = under.flatMap((id) => [id, ...shorter(id)]);
  const made = top ? withNeeded(top, looked) : new Set(looked);
  const others = [...ids].filter((id) => made.has(top?.locales.get(id)?.alias ?? ""));
  return new Set([...made, ...others]);
}

const SPELLING = "rbnf/";

/**
 * Locales whose rules to spell numbers out are part of a numbering system, which the calendars of other locales use: days
 * of the Chinese calendar are written as in Chinese in Cantonese too. They are small.
 */
function spelledOut(whole: Package): readonly string[] {
  const bytes = whole.items.get("numberingSystems.res");
  if (!bytes) return [];
  const bundle = readBundle(bytes, poolOf(whole, ""));
  const systems = entry(bundle, bundle.root, "numberingSystems");
  return (systems === undefined ? [] : children(bundle, systems)).flatMap((system) => {
    const rule = entry(bundle, system, "desc");
    const text = rule === undefined ? undefined : stringOf(bundle, rule);
    const [id, ...rest] = text?.split("/") ?? [];
    return id !== undefined && rest.length > 0 && isLocaleId(id) ? [id] : [];
  });
}

const BREAKING = "brkitr/";

/** The files with rules of breaking that the kept locales name, and the root. */
function breakRules(whole: Package, trees: readonly Tree[], needed: Needed): ReadonlySet<string> {
  const tree = trees.find(({ folder }) => folder === BREAKING);
  const ids = needed.get(BREAKING) ?? new Set();
  const bundles = [...(tree?.locales ?? [])].filter(([id]) => ids.has(id)).map(([, { bundle }]) => bundle);
  const root = whole.items.get(`${BREAKING}root.res`);
  if (root) bundles.push(readBundle(root, poolOf(whole, BREAKING)));
  return new Set(bundles.flatMap(rulesIn).map((file) => BREAKING + file));
}

function rulesIn(bundle: Bundle): readonly string[] {
  const boundaries = entry(bundle, bundle.root, "boundaries");
  const table = boundaries === undefined ? undefined : tableOf(bundle, boundaries);
  if (!table) return [];
  const all = Array.from({ length: table.count }, (_, index) => index);
  const used = all.filter((index) => BOUNDARIES.has(keyAt(bundle, table, index)));
  return used.flatMap((index) => stringOf(bundle, itemAt(bundle, table, index)) ?? []);
}

function whyLeftOut(
  name: string,
  keep: { breaking: ReadonlySet<string>; dictionaries: ReadonlySet<string>; converters: boolean },
): string | undefined {
  if (name.endsWith(".cnv")) return keep.converters || name === WINDOWS_1252 ? undefined : "encodings";
  if (name.endsWith(".brk"))
    return keep.breaking.has(name) ? undefined : "breaking of lines, and rules of locales";
  return keep.dictionaries.has(name) ? "dictionaries of words" : undefined;
}
