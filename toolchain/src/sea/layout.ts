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

/** Where everything goes in the finished file. Offsets are in bytes from the file's start. */
export interface Layout {
  /**
   * The new segment starts here, and the program headers at its start. What lies between the end of the base and this
   * is a hole.
   */
  readonly phoff: number;
  readonly noteOffset: number;
  readonly blobOffset: number;
  /** The size of the finished file. */
  readonly size: number;
  /** All of the finished file's program headers. */
  readonly segments: readonly Segment[];
}

/** The blob starts at a multiple of this. */
const BLOB_ALIGN = 16;

/**
 * No Node has a .bss as large as this. The hole is limited because tools that copy the file may fill it with zeroes,
 * which then take room on the disk.
 */
const MAX_HOLE = 256 << 20;

/** Up to this address the new segment may reach; what lies above is for the program's heap and stack. */
const ADDRESS_LIMIT = 0x7000_0000_0000;

/**
 * Decides where the new segment goes. It consists of the program headers, the note and the blob, and is loaded as
 * read-only memory behind everything that the base loads.
 *
 * Kernels before 5.18 tell the program that its program headers are at the address of the first loadable segment plus
 * e_phoff. For headers in another segment this is true only if the difference between address and offset is the same
 * for both segments, so that the address decides the offset. The address has to be behind the base's .bss, which takes
 * no room in the file. That is why there is a hole in the file; it is no larger than .bss and one page together.
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
