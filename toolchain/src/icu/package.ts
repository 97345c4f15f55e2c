import { bundleSize } from "./bundle.ts";
import { damaged, headerOf, viewOf } from "./header.ts";

/** A package of ICU's data, as it lies in one piece in Node: a head, a table of contents, and items in order of names. */
export interface Package {
  /** The head's bytes, as they are. */
  readonly head: Uint8Array;
  /** What every item's name begins with, such as `icudt78l`. */
  readonly prefix: string;
  /** Names without the prefix: `de.res`, `coll/de.res`. In order, as the table has them. */
  readonly items: ReadonlyMap<string, Uint8Array>;
  /** How many bytes the package has. */
  readonly size: number;
}

/** Far more than ICU has, and few enough to be read in no time. */
const MOST_ITEMS = 100_000;
/** Where the four characters of the format are in a head, and how many heads are looked behind. */
const FORMAT_AT = 12;
const MOST_TRIED = 100;
const NAME = /^([a-z]{1,16}[0-9]{1,4}[a-z])\/([A-Za-z0-9_.@,+/-]{1,200})$/;

/**
 * Where the package of ICU's data begins in a file, and how long it is. The first place at or after `from` that has the
 * head of a package and a table of contents that fits; undefined if there is none. `from` is not negative. Never throws.
 */
export function findIcuData(
  bytes: Uint8Array,
  from = 0,
): { offset: number; size: number; prefix: string } | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let tried = 0;
  for (let at = from + FORMAT_AT; tried < MOST_TRIED; at++) {
    at = all.indexOf("CmnD", at, "latin1");
    if (at < 0) return undefined;
    const offset = at - FORMAT_AT;
    if (headerOf(all.subarray(offset)) === undefined) continue;
    tried++;
    try {
      const { size, prefix } = readPackage(all.subarray(offset));
      return { offset, size, prefix };
    } catch {
      // Bytes that look like the head of one; the search goes on behind them.
    }
  }
  return undefined;
}

/**
 * Reads a package. The bytes begin with its head and may go on after its end.
 *
 * @throws Failure icu-damaged
 */
export function readPackage(bytes: Uint8Array): Package {
  const header = headerOf(bytes);
  if (header?.format !== "CmnD") throw damaged("it has no head of a package");
  if (!header.littleEndian || header.charset !== 0 || header.version !== 1)
    throw damaged("its head is of another byte order, character set or version");
  const toc = bytes.subarray(header.size);
  const view = viewOf(toc);
  if (toc.length < 4) throw damaged("it ends in its head");
  const count = view.getUint32(0, true);
  if (count === 0 || count > MOST_ITEMS || 4 + count * 8 > toc.length)
    throw damaged(`its table of contents cannot have ${count} entries`);
  const names = Array.from({ length: count }, (_, index) => nameAt(toc, view.getUint32(4 + index * 8, true)));
  const starts = Array.from({ length: count }, (_, index) => view.getUint32(8 + index * 8, true));
  const prefix = NAME.exec(names[0] as string)?.[1];
  if (prefix === undefined) throw damaged(`an item is named ${JSON.stringify(names[0])}`);
  const first = starts[0] as number;
  const last = starts[count - 1] as number;
  if (first < 4 + count * 8 || last >= toc.length) throw damaged("an item is outside of it");
  const end = last + bundleSize(toc.subarray(last));
  const items = new Map<string, Uint8Array>();
  for (let index = 0; index < count; index++) {
    const name = names[index] as string;
    const start = starts[index] as number;
    const next = index + 1 < count ? (starts[index + 1] as number) : end;
    if (start > next || next > end) throw damaged("its items are not in order");
    if (index > 0 && name <= (names[index - 1] as string)) throw damaged("its names are not in order");
    const short = NAME.exec(name);
    if (short?.[1] !== prefix) throw damaged(`an item is named ${JSON.stringify(name)}`);
    items.set(short[2] as string, toc.subarray(start, next));
  }
  return { head: bytes.subarray(0, header.size), prefix, items, size: header.size + end };
}

function nameAt(toc: Uint8Array, at: number): string {
  const end = toc.subarray(0, at + 256).indexOf(0, at);
  if (at >= toc.length || end < 0) throw damaged("the name of an item has no end");
  return String.fromCharCode(...toc.subarray(at, end));
}

/** Items begin at multiples of this, counted from the package's beginning: some hold numbers of 8 bytes. */
const ALIGNMENT = 16;

/** A whole package of these items, in the form that ICU reads: names in order of their bytes, items aligned. */
export function writePackage(
  head: Uint8Array,
  prefix: string,
  items: ReadonlyMap<string, Uint8Array>,
): Uint8Array {
  const sorted = [...items].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  const names = sorted.map(([name]) => Buffer.from(`${prefix}/${name}\0`, "latin1"));
  const namesAt = 4 + sorted.length * 8;
  const aligned = (at: number) =>
    head.length + at + ((ALIGNMENT - ((head.length + at) % ALIGNMENT)) % ALIGNMENT) - head.length;
  let name = namesAt;
  let data = aligned(namesAt + names.reduce((sum, one) => sum + one.length, 0));
  const places = sorted.map(([, bytes], index) => {
    const place = { name, data };
    name += (names[index] as Buffer).length;
    data = aligned(data + bytes.length);
    return place;
  });
  const whole = new Uint8Array(head.length + data);
  whole.set(head);
  const toc = whole.subarray(head.length);
  const view = viewOf(toc);
  view.setUint32(0, sorted.length, true);
  places.forEach((place, index) => {
    view.setUint32(4 + index * 8, place.name, true);
    view.setUint32(8 + index * 8, place.data, true);
    toc.set(names[index] as Buffer, place.name);
    toc.set((sorted[index] as [string, Uint8Array])[1], place.data);
  });
  return whole;
}
