import { Failure } from "../base/failure.ts";
import {
  type Header,
  loadsOf,
  odd,
  PF_R,
  PHDR_SIZE,
  PT_LOAD,
  PT_NOTE,
  PT_PHDR,
  type Segment,
  type Source,
} from "./elf.ts";
import type { SeaFailure } from "./failures.ts";
import { MAX_BLOB_SIZE, NOTE_HEAD_SIZE, padded } from "./note.ts";

/** Where everything goes in the finished file; all in bytes from its start. */
export interface Layout {
  /** The program headers, and with them the new segment, start here. What lies between the base's end and this is a hole. */
  readonly phoff: number;
  readonly noteOffset: number;
  readonly blobOffset: number;
  /** Size of the finished file. */
  readonly size: number;
  /** All program headers of the finished file. */
  readonly segments: readonly Segment[];
}

/** The blob starts at a multiple of this. */
const BLOB_ALIGN = 16;

/** More .bss than this no Node has; tools that copy the file may fill the hole. */
const MAX_HOLE = 256 << 20;

/** The largest end of the new segment that still leaves a program its heap and stack. */
const ADDRESS_LIMIT = 0x7000_0000_0000;

/**
 * Places the new segment: program headers, note and blob, loaded read-only behind everything the base loads.
 *
 * Kernels before 5.18 tell the program that its headers are at (address of the first loadable segment) + e_phoff.
 * That is true of headers in another segment only if it has the first one's distance between address and offset, so
 * the address decides the offset. The address is past the base's .bss, which takes no room in the file: therefore
 * the hole, as large as .bss and one page at most.
 */
export function planInjection(
  header: Header,
  segments: readonly Segment[],
  base: Source,
  blobSize: number,
): Layout {
  if (blobSize > MAX_BLOB_SIZE) throw noRoom(base, "blob-over-4-gib");
  const loads = loadsOf(segments);
  const first = loads[0];
  const last = loads.at(-1);
  if (first === undefined || last === undefined) throw odd(base, "no-load-segment");

  const delta = first.vaddr - first.offset;
  const vaddr = alignUp(Math.max(last.vaddr + last.memsz, base.size + delta), header.page);
  const phoff = vaddr - delta;
  if (phoff - base.size > MAX_HOLE) throw noRoom(base, "gap");
  const tableSize = (segments.length + 2) * PHDR_SIZE;
  const blobOffset = alignUp(phoff + tableSize + NOTE_HEAD_SIZE, BLOB_ALIGN);
  const noteOffset = blobOffset - NOTE_HEAD_SIZE;
  const size = blobOffset + padded(blobSize);
  if (size + delta > ADDRESS_LIMIT) throw noRoom(base, "address-space");

  const at = (offset: number, length: number) => ({
    offset,
    vaddr: offset + delta,
    paddr: offset + delta,
    filesz: length,
    memsz: length,
  });
  const load: Segment = { type: PT_LOAD, flags: PF_R, align: header.page, ...at(phoff, size - phoff) };
  const note: Segment = { type: PT_NOTE, flags: PF_R, align: 4, ...at(noteOffset, size - noteOffset) };
  const moved: Segment[] = [];
  for (const segment of segments) {
    moved.push(segment.type === PT_PHDR ? { ...segment, ...at(phoff, tableSize) } : segment);
    if (segment === last) moved.push(load);
  }
  moved.push(note);
  return { phoff, noteOffset, blobOffset, size, segments: moved };
}

function noRoom(base: Source, why: Extract<SeaFailure, { kind: "no-room" }>["why"]): Failure<"sea"> {
  return new Failure("sea", { kind: "no-room", path: base.path, why });
}

export function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
