import { viewOf } from "./elf.ts";

/**
 * The hash table by which the dynamic loader finds symbols by name (section .gnu.hash). It has four parts: a head, a
 * Bloom filter, the buckets, and one word for each symbol that can be found. Those symbols come last in the symbol table,
 * in the order of their buckets; a chain ends where the lowest bit of its word is set.
 */
const HEAD_SIZE = 16;
/** Any shift is right that takes other bits than those that choose the word of the filter. */
const BLOOM_SHIFT = 26;

/** A table that has been looked through. All bounds that looking up a name relies on have been checked. */
export interface GnuHash {
  readonly view: DataView;
  readonly buckets: number;
  /** The index of the first symbol that can be found. */
  readonly first: number;
  readonly bloomWords: number;
  readonly bloomShift: number;
  /** How many symbols the symbol table has. */
  readonly count: number;
  /** How many bytes the table has. */
  readonly size: number;
}

export function gnuHashOf(name: string): number {
  let hash = 5381;
  for (let at = 0; at < name.length; at++) hash = (Math.imul(hash, 33) + name.charCodeAt(at)) >>> 0;
  return hash;
}

/** Reads the table at the start of `bytes`, which may go on behind it. Returns undefined if it is none. */
export function readGnuHash(bytes: Uint8Array): GnuHash | undefined {
  if (bytes.length < HEAD_SIZE) return undefined;
  const view = viewOf(bytes);
  const [buckets = 0, first = 0, bloomWords = 0, bloomShift = 0] = [0, 4, 8, 12].map((at) =>
    view.getUint32(at, true),
  );
  if (buckets === 0 || first === 0 || bloomShift > 31) return undefined;
  if (bloomWords === 0 || (bloomWords & (bloomWords - 1)) !== 0) return undefined;
  const bucketsAt = HEAD_SIZE + bloomWords * 8;
  const chainsAt = bucketsAt + buckets * 4;
  if (chainsAt > bytes.length) return undefined;
  let last = first - 1;
  for (let bucket = 0; bucket < buckets; bucket++) {
    const start = view.getUint32(bucketsAt + bucket * 4, true);
    if (start !== 0 && start < first) return undefined;
    last = Math.max(last, start);
  }
  if (last >= first) {
    for (; ; last++) {
      const at = chainsAt + (last - first) * 4;
      if (at + 4 > bytes.length) return undefined;
      if ((view.getUint32(at, true) & 1) === 1) break;
    }
  }
  const count = last + 1;
  return { view, buckets, first, bloomWords, bloomShift, count, size: chainsAt + (count - first) * 4 };
}

/** The index of the first symbol of that name that `matches`, as the loader finds it. */
export function lookUp(
  table: GnuHash,
  name: string,
  matches: (index: number) => boolean,
): number | undefined {
  const { view, buckets, first, bloomWords, bloomShift, count } = table;
  const hash = gnuHashOf(name);
  const word = view.getBigUint64(HEAD_SIZE + ((hash >>> 6) & (bloomWords - 1)) * 8, true);
  const mask = (1n << BigInt(hash & 63)) | (1n << BigInt((hash >>> bloomShift) & 63));
  if ((word & mask) !== mask) return undefined;
  const bucketsAt = HEAD_SIZE + bloomWords * 8;
  const start = view.getUint32(bucketsAt + (hash % buckets) * 4, true);
  if (start === 0) return undefined;
  for (let index = start; index < count; index++) {
    const chained = view.getUint32(bucketsAt + buckets * 4 + (index - first) * 4, true);
    if ((chained | 1) >>> 0 === (hash | 1) >>> 0 && matches(index)) return index;
    if ((chained & 1) === 1) return undefined;
  }
  return undefined;
}

/**
 * Makes the table for the names of symbols of which the first gets the index `first`. `order` says in which order the
 * symbols have to follow each other in the symbol table: as indexes into `names`.
 */
export function makeGnuHash(names: readonly string[], first: number): { bytes: Buffer; order: number[] } {
  const hashes = names.map(gnuHashOf);
  const buckets = Math.max(1, names.length >>> 1) | 1;
  const bloomWords = 2 ** Math.ceil(Math.log2(Math.max(1, (names.length * 12) / 64)));
  const bucketOf = (index: number) => (hashes[index] as number) % buckets;
  const order = names.map((_, index) => index).sort((a, b) => bucketOf(a) - bucketOf(b) || a - b);
  const bucketsAt = HEAD_SIZE + bloomWords * 8;
  const chainsAt = bucketsAt + buckets * 4;
  const bytes = Buffer.alloc(chainsAt + names.length * 4);
  [buckets, first, bloomWords, BLOOM_SHIFT].forEach((value, field) => {
    bytes.writeUInt32LE(value, field * 4);
  });
  order.forEach((index, position) => {
    const hash = hashes[index] as number;
    const word = HEAD_SIZE + ((hash >>> 6) & (bloomWords - 1)) * 8;
    const mask = (1n << BigInt(hash & 63)) | (1n << BigInt((hash >>> BLOOM_SHIFT) & 63));
    bytes.writeBigUInt64LE(bytes.readBigUInt64LE(word) | mask, word);
    const bucket = bucketOf(index);
    const at = bucketsAt + bucket * 4;
    if (bytes.readUInt32LE(at) === 0) bytes.writeUInt32LE(first + position, at);
    const next = order[position + 1];
    const ends = next === undefined || bucketOf(next) !== bucket;
    bytes.writeUInt32LE(((hash & ~1) | (ends ? 1 : 0)) >>> 0, chainsAt + position * 4);
  });
  return { bytes, order };
}
