import { Failure } from "../base/failure.ts";
import { damaged, headerOf, viewOf } from "./header.ts";

/**
 * A resource bundle of ICU's (`.res`), as far as it must be understood to know which bundles need which: its tree of
 * tables, arrays and strings. A resource is one number of 32 bits: four bits of type and 28 of offset or value.
 */
export interface Bundle {
  /** Everything after the head. Offsets of 32-bit resources count from here, in words. */
  readonly body: Uint8Array;
  /** The same bytes, as numbers. */
  readonly view: DataView;
  readonly root: number;
  /** Where the bundle ends, in bytes of the body. */
  readonly top: number;
  /** Keys below this offset are the bundle's own, others are in the pool of its folder. */
  readonly keyLimit: number;
  /** Where the units of 16 bits begin that short strings and tables are made of, in bytes of the body. */
  readonly units: number;
  /** Strings below these offsets are in the pool: of 28-bit offsets, and of those in 16 bits. */
  readonly poolStrings: number;
  readonly poolStrings16: number;
  /** The bundle that shares its keys and strings with all others of a folder. */
  readonly pool: Bundle | undefined;
}

/** Types of resources that have a meaning here. */
export const STRING = 0;
export const TABLE = 2;
export const ALIAS = 3;
const TABLE32 = 4;
export const TABLE16 = 5;
const STRING_V2 = 6;
const ARRAY = 8;
const ARRAY16 = 9;

const IS_POOL = 2;
const USES_POOL = 4;

/** The type of a resource, one of the constants above or another number up to 15. */
export function typeOf(resource: number): number {
  return resource >>> 28;
}

function offsetOf(resource: number): number {
  return resource & 0x0fffffff;
}

/**
 * Reads the head and the indexes of a bundle.
 *
 * @throws Failure icu-damaged, icu-unsupported
 */
export function readBundle(bytes: Uint8Array, pool?: Bundle): Bundle {
  const header = headerOf(bytes);
  if (header?.format !== "ResB") throw damaged("a resource bundle has no head of one");
  if (!header.littleEndian || (header.version !== 2 && header.version !== 3)) {
    const order = header.littleEndian ? "" : ", with the most significant byte first";
    throw new Failure("icu", {
      kind: "icu-unsupported",
      what: `resource bundles of version ${header.version}${order}`,
    });
  }
  const body = bytes.subarray(header.size);
  if (body.length < 36) throw damaged("a resource bundle ends in its indexes");
  const view = viewOf(body);
  const index = (at: number) => view.getUint32(4 + at * 4, true);
  const length = index(0) & 0xff;
  if (length < 7 || 4 + length * 4 > body.length) throw damaged("a resource bundle has too few indexes");
  const attributes = index(5);
  const keysTop = index(1) * 4;
  const top = index(3) * 4;
  if (top > body.length || keysTop > top || keysTop < 4 + length * 4 || index(6) * 4 > top)
    throw damaged("a resource bundle is longer than its place");
  const usesPool = (attributes & USES_POOL) !== 0;
  const isPool = (attributes & IS_POOL) !== 0;
  const strings = (index(0) >>> 8) | ((attributes & 0xf000) << 12);
  return {
    body,
    view,
    root: view.getUint32(0, true),
    top,
    // A bundle without keys of its own counts the pool's from zero.
    keyLimit: keysTop > 4 + length * 4 ? keysTop : 0,
    units: keysTop,
    poolStrings: isPool ? 0 : strings,
    poolStrings16: isPool ? 0 : attributes >>> 16,
    pool: usesPool ? (pool ?? needed()) : undefined,
  };
}

function needed(): never {
  throw damaged("a resource bundle uses a pool of keys that its folder does not have");
}

/** How many bytes a bundle has, its head included: the length of a file of this kind. @throws Failure icu-damaged */
export function bundleSize(bytes: Uint8Array): number {
  const header = headerOf(bytes);
  if (header?.format !== "ResB" || bytes.length < header.size + 20)
    throw damaged("its last item is no resource bundle");
  const size = header.size + viewOf(bytes).getUint32(header.size + 16, true) * 4;
  if (size > bytes.length) throw damaged("a resource bundle is longer than its place");
  return size;
}

function word(bundle: Bundle, at: number): number {
  if (at < 0 || at + 4 > bundle.top) throw damaged("a resource is outside its bundle");
  return bundle.view.getUint32(at, true);
}

function half(bundle: Bundle, at: number): number {
  if (at < 0 || at + 2 > bundle.top) throw damaged("a resource is outside its bundle");
  return bundle.view.getUint16(at, true);
}

/**
 * Far more than the tables, keys and strings have that are looked at here. What claims to be longer is damaged, and would
 * take its time.
 */
const MOST_ENTRIES = 5000;
const LONGEST_KEY = 200;
const LONGEST_STRING = 2000;

/** The zero-terminated ASCII text at an offset of the body. */
function text(bundle: Bundle, at: number): string {
  const rest = bundle.body.subarray(at, Math.min(at + LONGEST_KEY, bundle.top));
  const end = rest.indexOf(0);
  if (end < 0) throw damaged("a key of a resource bundle has no end");
  return String.fromCharCode(...rest.subarray(0, end));
}

/** The key at an offset as the tables have it. */
function key16(bundle: Bundle, offset: number): string {
  if (offset < bundle.keyLimit || !bundle.pool) return text(bundle, offset);
  return text(bundle.pool, poolKeys(bundle.pool) + offset - bundle.keyLimit);
}

function key32(bundle: Bundle, offset: number): string {
  if (offset < 0x80000000 || !bundle.pool) return text(bundle, offset);
  return text(bundle.pool, poolKeys(bundle.pool) + (offset & 0x7fffffff));
}

/** Where a pool's keys begin: after its root and its indexes. */
function poolKeys(pool: Bundle): number {
  return 4 + (word(pool, 4) & 0xff) * 4;
}

/** A table as it lies in the bundle: where its keys and its items are, so that it can also be changed there. */
export interface Table {
  readonly count: number;
  /** Where the number of entries stands, in bytes of the body, as are the two others. */
  readonly at: number;
  readonly keys: number;
  readonly items: number;
  /** How many bytes each of these has. */
  readonly keySize: 2 | 4;
  readonly itemSize: 2 | 4;
}

/** Where the parts of a table are, or undefined for what is no table. @throws Failure icu-damaged */
export function tableOf(bundle: Bundle, resource: number): Table | undefined {
  const type = typeOf(resource);
  const offset = offsetOf(resource);
  if (type === TABLE16) {
    const at = bundle.units + offset * 2;
    const count = half(bundle, at);
    return fits(bundle, { count, at, keys: at + 2, items: at + 2 + count * 2, keySize: 2, itemSize: 2 });
  }
  const at = offset * 4;
  if ((type === TABLE || type === TABLE32) && offset === 0)
    return { count: 0, at: 0, keys: 0, items: 0, keySize: 2, itemSize: 4 };
  if (type === TABLE) {
    const count = half(bundle, at);
    const keys = at + 2;
    // Items are whole words: an even number of keys leaves half a word between.
    const items = keys + (count + (~count & 1)) * 2;
    return fits(bundle, { count, at, keys, items, keySize: 2, itemSize: 4 });
  }
  if (type === TABLE32) {
    const count = word(bundle, at);
    return fits(bundle, { count, at, keys: at + 4, items: at + 4 + count * 4, keySize: 4, itemSize: 4 });
  }
  return undefined;
}

function fits(bundle: Bundle, table: Table): Table {
  if (table.count > MOST_ENTRIES || table.items + table.count * table.itemSize > bundle.top)
    throw damaged("a table is longer than its bundle");
  return table;
}

/** The key of one entry of a table. @throws Failure icu-damaged */
export function keyAt(bundle: Bundle, table: Table, index: number): string {
  return table.keySize === 2
    ? key16(bundle, half(bundle, table.keys + index * 2))
    : key32(bundle, word(bundle, table.keys + index * 4));
}

/** The resource of one entry of a table. @throws Failure icu-damaged */
export function itemAt(bundle: Bundle, table: Table, index: number): number {
  return table.itemSize === 4
    ? word(bundle, table.items + index * 4)
    : string16(bundle, half(bundle, table.items + index * 2));
}

/** An item of 16 bits is always a string; its offset counts pool strings first, in fewer bits. */
function string16(bundle: Bundle, item: number): number {
  const offset = item < bundle.poolStrings16 ? item : item - bundle.poolStrings16 + bundle.poolStrings;
  return ((STRING_V2 << 28) | offset) >>> 0;
}

/** The entry of a table with this key. @throws Failure icu-damaged */
export function entry(bundle: Bundle, resource: number, key: string): number | undefined {
  const table = tableOf(bundle, resource);
  for (let index = 0; table && index < table.count; index++)
    if (keyAt(bundle, table, index) === key) return itemAt(bundle, table, index);
  return undefined;
}

/** Every resource inside a table or an array. @throws Failure icu-damaged */
export function children(bundle: Bundle, resource: number): readonly number[] {
  const table = tableOf(bundle, resource);
  if (table) return Array.from({ length: table.count }, (_, index) => itemAt(bundle, table, index));
  const offset = offsetOf(resource);
  if (typeOf(resource) === ARRAY16) {
    const at = bundle.units + offset * 2;
    return list(bundle, half(bundle, at), at + 2, 2).map((item) => string16(bundle, item));
  }
  if (typeOf(resource) !== ARRAY || offset === 0) return [];
  return list(bundle, word(bundle, offset * 4), offset * 4 + 4, 4);
}

function list(bundle: Bundle, count: number, at: number, size: 2 | 4): number[] {
  if (count > MOST_ENTRIES || at + count * size > bundle.top)
    throw damaged("an array is longer than its bundle");
  const read = size === 2 ? half : word;
  return Array.from({ length: count }, (_, index) => read(bundle, at + index * size));
}

/** The text of a string or an alias, or undefined for what is neither. @throws Failure icu-damaged */
export function stringOf(bundle: Bundle, resource: number): string | undefined {
  const type = typeOf(resource);
  const offset = offsetOf(resource);
  if (type === STRING || type === ALIAS) {
    if (offset === 0) return "";
    return characters(bundle, offset * 4 + 4, word(bundle, offset * 4));
  }
  if (type !== STRING_V2) return undefined;
  if (offset < bundle.poolStrings) {
    if (!bundle.pool) throw damaged("a string is said to be in a pool that there is not");
    return shortString(bundle.pool, bundle.pool.units + offset * 2);
  }
  return shortString(bundle, bundle.units + (offset - bundle.poolStrings) * 2);
}

/** A string among the units of 16 bits: its length stands before it if it is long, else a zero ends it. */
function shortString(bundle: Bundle, at: number): string {
  const first = half(bundle, at);
  if (first < 0xdc00 || first > 0xdfff) {
    let end = at;
    while (end - at <= LONGEST_STRING * 2 && half(bundle, end) !== 0) end += 2;
    return characters(bundle, at, (end - at) / 2);
  }
  if (first < 0xdfef) return characters(bundle, at + 2, first & 0x3ff);
  if (first < 0xdfff) return characters(bundle, at + 4, (first - 0xdfef) * 0x10000 + half(bundle, at + 2));
  return characters(bundle, at + 6, half(bundle, at + 2) * 0x10000 + half(bundle, at + 4));
}

const utf16 = new TextDecoder("utf-16le");

function characters(bundle: Bundle, at: number, length: number): string {
  if (length > LONGEST_STRING || at + length * 2 > bundle.top)
    throw damaged("a string is longer than its bundle");
  return utf16.decode(bundle.body.subarray(at, at + length * 2));
}
