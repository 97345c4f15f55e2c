import { type Header, odd, type Segment, SHDR_SIZE, type Source, viewOf } from "./elf.ts";

/** The section header table (System V gABI, chapter 4), as far as stripping needs it. Pure and bounds-checked. */

const SHT_STRTAB = 3;
const SHT_NOBITS = 8;
const SHF_ALLOC = 2n;

/** Byte offsets of fields in a section header. */
const NAME = 0;
const TYPE = 4;
const FLAGS = 8;
const OFFSET = 24;
const SIZE = 32;
const LINK = 40;
const ALIGN = 48;

/** The end of all that the program headers speak of, themselves included: what lies behind it only tools read. */
export function contentEnd(header: Header, segments: readonly Segment[], headersEnd: number): number {
  return segments.reduce(
    (end, segment) => Math.max(end, segment.offset + segment.filesz),
    Math.max(headersEnd, header.phoff),
  );
}

export interface StrippedSections {
  /** New section header table, followed by its names. */
  readonly bytes: Uint8Array;
  readonly count: number;
}

/**
 * A section header table of only what is loaded: no symbols, no debug information, no comments.
 *
 * Symbols of `.dynsym`, which addons link to, name sections by index. Therefore a dropped section in front of a kept
 * one leaves an empty entry.
 *
 * @param table the old table
 * @param names the old table's string section
 * @param end content from here on is dropped
 * @param at where in the file the new table will start
 */
export function strippedSections(
  table: Uint8Array,
  names: Uint8Array,
  end: number,
  at: number,
  source: Source,
): StrippedSections {
  const view = viewOf(table);
  const total = Math.floor(table.length / SHDR_SIZE);
  const kept: number[] = [];
  for (let index = 1; index < total; index++) if (isLoaded(view, index * SHDR_SIZE, end)) kept.push(index);

  const count = (kept.at(-1) ?? 0) + 2;
  const text: number[] = [0];
  const bytes = new Uint8Array(count * SHDR_SIZE);
  const out = viewOf(bytes);
  for (const index of kept) {
    const from = index * SHDR_SIZE;
    bytes.set(table.subarray(from, from + SHDR_SIZE), from);
    out.setUint32(from + NAME, text.length, true);
    text.push(...nameAt(names, view.getUint32(from + NAME, true), source), 0);
    if (!kept.includes(view.getUint32(from + LINK, true))) out.setUint32(from + LINK, 0, true);
  }
  const own = (count - 1) * SHDR_SIZE;
  out.setUint32(own + NAME, text.length, true);
  text.push(...new TextEncoder().encode(".shstrtab"), 0);
  out.setUint32(own + TYPE, SHT_STRTAB, true);
  out.setBigUint64(own + OFFSET, BigInt(at + bytes.length), true);
  out.setBigUint64(own + SIZE, BigInt(text.length), true);
  out.setBigUint64(own + ALIGN, 1n, true);
  const all = new Uint8Array(bytes.length + text.length);
  all.set(bytes);
  all.set(text, bytes.length);
  return { bytes: all, count };
}

function isLoaded(view: DataView, at: number, end: number): boolean {
  if ((view.getBigUint64(at + FLAGS, true) & SHF_ALLOC) === 0n) return false;
  if (view.getUint32(at + TYPE, true) === SHT_NOBITS) return true;
  return view.getBigUint64(at + OFFSET, true) + view.getBigUint64(at + SIZE, true) <= BigInt(end);
}

/** No name of a loaded section is longer. */
const MAX_NAME = 256;

function nameAt(names: Uint8Array, at: number, source: Source): Uint8Array {
  const stop = names.indexOf(0, at);
  if (at >= names.length || stop < 0 || stop - at > MAX_NAME) throw odd(source, "section-table");
  return names.subarray(at, stop);
}

/** Where section `index` lies in the file, in bytes, checked to be in it. */
export function sectionRange(
  table: Uint8Array,
  index: number,
  source: Source,
): { offset: number; size: number } {
  const at = index * SHDR_SIZE;
  if (at + SHDR_SIZE > table.length) throw odd(source, "section-table");
  const view = viewOf(table);
  const offset = view.getBigUint64(at + OFFSET, true);
  const size = view.getBigUint64(at + SIZE, true);
  if (offset + size > BigInt(source.size) || size > BigInt(1 << 20)) throw odd(source, "section-table");
  return { offset: Number(offset), size: Number(size) };
}
