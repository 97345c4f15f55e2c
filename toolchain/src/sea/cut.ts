import { Failure } from "../base/failure.ts";
import { loadsOf, PT_LOAD, type Segment } from "./elf.ts";
import type { SeaFailure } from "./failures.ts";

/** A part of a file that is left out: it begins and ends at multiples of the page size. */
export interface Cut {
  readonly offset: number;
  readonly size: number;
  /**
   * What is at its addresses when the program runs: nothing, so that reading there ends the program, or zeroes, which
   * take no room in the file.
   */
  readonly leaves: "nothing" | "zeroes";
}

/** A part of a file that is kept: `size` bytes from the offset `from` of the old file, at the offset `to` of the new. */
export interface Piece {
  readonly from: number;
  readonly to: number;
  readonly size: number;
}

/** The whole pages in `size` bytes from `offset`, or undefined if there are none. */
export function wholePages(
  offset: number,
  size: number,
  page: number,
): { offset: number; size: number } | undefined {
  const start = Math.ceil(offset / page) * page;
  const end = Math.floor((offset + size) / page) * page;
  return end > start ? { offset: start, size: end - start } : undefined;
}

/** What is left of a file of `size` bytes. */
export function piecesOf(size: number, cuts: readonly Cut[]): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  let to = 0;
  for (const cut of [...cuts, { offset: size, size: 0 }]) {
    if (cut.offset > from) pieces.push({ from, to, size: cut.offset - from });
    to += cut.offset - from;
    from = cut.offset + cut.size;
  }
  return pieces;
}

/**
 * The program headers of a file from which parts have been cut. All addresses stay as they are. A segment that is loaded
 * is split where something has been cut out of it; what follows in the file moves down.
 *
 * @throws Failure executable-unverified, if a cut would tear something apart
 */
export function cutSegments(
  segments: readonly Segment[],
  cuts: readonly Cut[],
  page: number,
  path: string,
): Segment[] {
  const torn = () =>
    new Failure("sea", { kind: "executable-unverified", path, what: "headers" } satisfies SeaFailure);
  const down = (offset: number) =>
    cuts.reduce((sum, cut) => (cut.offset + cut.size <= offset ? sum + cut.size : sum), 0);
  const loads = loadsOf(segments);
  for (const cut of cuts) {
    const inside = ({ offset, filesz }: Segment) =>
      offset < cut.offset && cut.offset + cut.size < offset + filesz;
    if (cut.offset % page !== 0 || cut.size % page !== 0 || !loads.some(inside)) throw torn();
  }
  return segments.flatMap((segment) => {
    const end = segment.offset + segment.filesz;
    const within = cuts.filter((cut) => cut.offset < end && cut.offset + cut.size > segment.offset);
    if (within.length === 0 || segment.filesz === 0) {
      return [aligned({ ...segment, offset: segment.offset - down(segment.offset) }, page)];
    }
    if (segment.type !== PT_LOAD) throw torn();
    return split(segment, within).map((part) =>
      aligned({ ...part, offset: part.offset - down(part.offset) }, page),
    );
  });
}

/** The parts of a segment around what is cut out of it, still with their old offsets. */
function split(segment: Segment, cuts: readonly Cut[]): Segment[] {
  const parts: Segment[] = [];
  const part = (offset: number, filesz: number, memsz: number): Segment => {
    const vaddr = segment.vaddr + offset - segment.offset;
    return { ...segment, offset, vaddr, paddr: segment.paddr + offset - segment.offset, filesz, memsz };
  };
  let at = segment.offset;
  for (const cut of cuts) {
    if (cut.offset > at) parts.push(part(at, cut.offset - at, cut.offset - at));
    if (cut.leaves === "zeroes") {
      // The place of what takes no room in the file is where the next part begins.
      parts.push({ ...part(cut.offset, 0, cut.size), offset: cut.offset + cut.size });
    }
    at = cut.offset + cut.size;
  }
  const filesz = segment.offset + segment.filesz - at;
  parts.push(part(at, filesz, filesz + segment.memsz - segment.filesz));
  return parts;
}

/**
 * A segment may ask for an alignment above the page size, as Node's code does that is meant for huge pages. A cut of
 * whole pages may leave its offset without that; the kernel needs the pages only.
 */
function aligned(segment: Segment, page: number): Segment {
  const { type, align, vaddr, offset } = segment;
  if (type !== PT_LOAD || align <= page || (vaddr - offset) % align === 0) return segment;
  return { ...segment, align: page };
}
