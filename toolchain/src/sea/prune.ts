import { type Cut, wholePages } from "./cut.ts";
import {
  DT,
  DYN_SIZE,
  type Places,
  PT_DYNAMIC,
  placesOf,
  type Range,
  readTags,
  SYM_SIZE,
  type Tag,
  TEXTS,
} from "./dynamic.ts";
import { type Header, loadsOf, PHDR_SIZE, type Segment } from "./elf.ts";
import { type OpenFile, readAt } from "./files.ts";
import { readGnuHash } from "./gnu-hash.ts";
import { alignUp } from "./layout.ts";
import { BadTables, needsSize, type Pruned, pruneSymbols, type SymbolTables } from "./symbols.ts";

/** New bytes at an offset of the file. */
export interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/** How a Node loses the symbols that it exports and nobody needs, and gains room for more program headers. */
export interface Pruning {
  /** In offsets of the old file. */
  readonly patches: readonly Patch[];
  /** The part that is no longer needed, if it has a whole page. */
  readonly cut: Cut | undefined;
  /** Where the program headers go, and how many fit there. */
  readonly phoff: number;
  readonly phnum: number;
  /** The tables as they were, and what is kept of them. */
  readonly before: Dynamic;
  readonly pruned: Pruned;
}

/** What a file says of its symbols. */
export interface Dynamic {
  readonly tags: readonly Tag[];
  readonly tagsAt: number;
  readonly places: Places;
  readonly tables: SymbolTables;
  /** The part of the file that holds the tables of symbols, strings and versions and the hash table, and only those. */
  readonly region: Range;
}

/**
 * How many program headers fit beside those that a Node has: for what is cut out later, and for the blob.
 */
const SPARE_HEADERS = 10;
/** Linkers leave no more than this between two tables. */
const MAX_GAP = 16;
const MAX_DYNAMIC = 64 << 10;
const MAX_TABLE = 64 << 20;

/**
 * Reads a program's dynamic section and the tables that it names. Undefined if they are not as linkers write them for
 * Node; such a program can be used, but not made smaller.
 */
export async function readDynamic(
  file: OpenFile,
  segments: readonly Segment[],
): Promise<Dynamic | undefined> {
  const dynamic = segments.find(({ type }) => type === PT_DYNAMIC);
  if (dynamic === undefined || dynamic.filesz > MAX_DYNAMIC) return undefined;
  const tags = readTags(await readAt(file, dynamic.offset, dynamic.filesz));
  const places = tags && placesOf(tags, segments);
  if (tags === undefined || places === undefined) return undefined;
  const read = ({ offset, size }: Range) => readAt(file, offset, Math.min(size, MAX_TABLE));
  const { hash, symbols, strings, versions, needs } = places;
  const behind = [symbols, strings.offset, versions, needs].filter((offset) => offset > hash);
  const hashBytes = await read({ offset: hash, size: Math.min(...behind, hash + MAX_TABLE) - hash });
  const table = readGnuHash(hashBytes);
  if (table === undefined) return undefined;
  const parts: Range[] = [
    { offset: hash, size: table.size },
    { offset: symbols, size: table.count * SYM_SIZE },
    strings,
    { offset: versions, size: table.count * 2 },
  ];
  const region = joined(parts);
  if (region === undefined || region.size > MAX_TABLE) return undefined;
  const needBytes = await readAt(file, needs, MAX_DYNAMIC);
  try {
    const needed = { offset: needs, size: needsSize(needBytes, places.needCount) };
    if (overlap([region, needed, ...places.relocations])) return undefined;
    const tables: SymbolTables = {
      hash: hashBytes.subarray(0, table.size),
      symbols: await read(parts[1] as Range),
      strings: await read(strings),
      versions: await read(parts[3] as Range),
      needs: needBytes.subarray(0, needed.size),
      relocations: await Promise.all(places.relocations.map(read)),
    };
    return { tags, tagsAt: dynamic.offset, places, tables, region };
  } catch (error) {
    if (error instanceof BadTables) return undefined;
    throw error;
  }
}

/** The range that consists of `parts`, which follow each other closely in any order. */
function joined(parts: readonly Range[]): Range | undefined {
  const sorted = [...parts].sort((a, b) => a.offset - b.offset);
  const start = sorted[0]?.offset ?? 0;
  let end = start;
  for (const { offset, size } of sorted) {
    if (offset < end || offset - end > MAX_GAP) return undefined;
    end = offset + size;
  }
  return { offset: start, size: end - start };
}

function overlap(ranges: readonly Range[]): boolean {
  const sorted = [...ranges].sort((a, b) => a.offset - b.offset);
  return sorted.some(
    ({ offset, size }, at) => offset + size > (sorted[at + 1]?.offset ?? Number.POSITIVE_INFINITY),
  );
}

/** Plans what `Pruning` says. Undefined if the program is not made as Nodes are. */
export async function planPruning(
  file: OpenFile,
  header: Header,
  segments: readonly Segment[],
): Promise<Pruning | undefined> {
  const before = await readDynamic(file, segments);
  const first = loadsOf(segments)[0];
  if (before === undefined || first === undefined) return undefined;
  const { region, tags } = before;
  if (region.offset < first.offset || region.offset + region.size > first.offset + first.filesz)
    return undefined;
  let pruned: Pruned;
  try {
    const texts = tags.filter(({ tag }) => TEXTS.has(tag)).map(({ value }) => value);
    pruned = pruneSymbols(before.tables, texts, before.places.needCount);
  } catch (error) {
    if (error instanceof BadTables) return undefined;
    throw error;
  }
  const phnum = segments.length + SPARE_HEADERS;
  const phoff = alignUp(region.offset, 8);
  const hash = alignUp(phoff + phnum * PHDR_SIZE, 8);
  const symbols = alignUp(hash + pruned.hash.length, 8);
  const versions = symbols + pruned.symbols.length;
  const strings = versions + pruned.versions.length;
  const end = strings + pruned.strings.length;
  const regionEnd = region.offset + region.size;
  if (end > regionEnd) return undefined;
  const cut = wholePages(end, regionEnd - end, header.page);
  const placed = { hash, symbols, versions, strings };
  const delta = first.vaddr - first.offset;
  const patches: Patch[] = [
    { offset: header.phoff, bytes: Buffer.alloc(header.phnum * PHDR_SIZE) },
    { offset: region.offset, bytes: Buffer.alloc((cut?.offset ?? regionEnd) - region.offset) },
    ...(cut === undefined ? [] : [zeroes(cut.offset + cut.size, regionEnd)]),
    ...(["hash", "symbols", "versions", "strings"] as const).map((key) => ({
      offset: placed[key],
      bytes: pruned[key],
    })),
    { offset: before.places.needs, bytes: pruned.needs },
    ...before.places.relocations.map(({ offset }, at) => ({
      offset,
      bytes: pruned.relocations[at] as Buffer,
    })),
    { offset: before.tagsAt, bytes: encodeTags(moveTags(tags, placed, delta, pruned)) },
  ];
  return {
    patches,
    cut: cut && { ...cut, leaves: "nothing" },
    phoff,
    phnum,
    before,
    pruned,
  };
}

function zeroes(offset: number, end: number): Patch {
  return { offset, bytes: Buffer.alloc(end - offset) };
}

type Placed = { readonly [K in "hash" | "symbols" | "versions" | "strings"]: number };

function moveTags(tags: readonly Tag[], placed: Placed, delta: number, pruned: Pruned): Tag[] {
  const moved = new Map<number, number>([
    [DT.GNU_HASH, placed.hash + delta],
    [DT.SYMTAB, placed.symbols + delta],
    [DT.VERSYM, placed.versions + delta],
    [DT.STRTAB, placed.strings + delta],
    [DT.STRSZ, pruned.strings.length],
  ]);
  return tags.map(({ tag, value }) => ({
    tag,
    value: (TEXTS.has(tag) ? pruned.moved.get(value) : moved.get(tag)) ?? value,
  }));
}

function encodeTags(tags: readonly Tag[]): Buffer {
  const bytes = Buffer.alloc(tags.length * DYN_SIZE);
  tags.forEach(({ tag, value }, at) => {
    bytes.writeBigUInt64LE(BigInt(tag), at * DYN_SIZE);
    bytes.writeBigUInt64LE(BigInt(value), at * DYN_SIZE + 8);
  });
  return bytes;
}

/** Whether `after` says of symbols, versions and libraries what `before` says. */
export function sameTags(before: Dynamic, after: Dynamic): boolean {
  const text = ({ tables }: Dynamic, at: number) =>
    tables.strings.toString("latin1", at, tables.strings.indexOf(0, at));
  const moved = new Set<number>([DT.GNU_HASH, DT.SYMTAB, DT.VERSYM, DT.STRTAB, DT.STRSZ]);
  return (
    before.tags.length === after.tags.length &&
    before.tags.every(({ tag, value }, at) => {
      const now = after.tags[at];
      if (now?.tag !== tag) return false;
      if (TEXTS.has(tag)) return text(before, value) === text(after, now.value);
      return moved.has(tag) || value === now.value;
    })
  );
}
