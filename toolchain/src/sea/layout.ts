import { Failure } from "../base/failure.ts";
import {
  type Header,
  loadsOf,
  odd,
  PF_R,
  PHDR_SIZE,
  PT_LOAD,
  PT_NOTE,
  PT_NULL,
  PT_PHDR,
  type Segment,
  type Source,
} from "./elf.ts";
import type { SeaFailure } from "./failures.ts";
import { MAX_BLOB_SIZE, NOTE_HEAD_SIZE, padded } from "./note.ts";

/** Where everything goes in the finished file. Offsets are in bytes from the file's start. */
export interface Layout {
  /** Where the program headers are: where the base has them, or at the start of the new segment. */
  readonly phoff: number;
  /** How many bytes lie between the end of the base and the new segment, which are in no block of the disk. */
  readonly hole: number;
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
  const used = segments.filter(({ type }) => type !== PT_NULL);
  if (used.length + 2 <= header.phnum && headersWhereKernelsSay(header.phoff, segments))
    return planInPlace(header, used, base, blobSize);

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
  return { phoff, hole: phoff - base.size, noteOffset, blobOffset, size, segments: moved };
}

/**
 * Where a base has room for two more program headers, as stripped ones have, the headers stay in the first segment, where
 * every kernel finds them. The note and the blob follow the base in the file at once.
 */
function planInPlace(header: Header, segments: readonly Segment[], base: Source, blobSize: number): Layout {
  const last = loadsOf(segments).at(-1) as Segment;
  const blobOffset = alignUp(base.size + NOTE_HEAD_SIZE, BLOB_ALIGN);
  const noteOffset = blobOffset - NOTE_HEAD_SIZE;
  const length = NOTE_HEAD_SIZE + padded(blobSize);
  const vaddr = alignUp(last.vaddr + last.memsz, header.page) + (noteOffset % header.page);
  if (vaddr + length > ADDRESS_LIMIT) throw noRoom(base, "address-space");
  const at = { flags: PF_R, offset: noteOffset, vaddr, paddr: vaddr, filesz: length, memsz: length };
  const load: Segment = { type: PT_LOAD, align: header.page, ...at };
  const note: Segment = { type: PT_NOTE, align: 4, ...at };
  const tableSize = (segments.length + 2) * PHDR_SIZE;
  const all: Segment[] = [];
  for (const segment of segments) {
    const isTable = segment.type === PT_PHDR;
    all.push(isTable ? { ...segment, filesz: tableSize, memsz: tableSize } : segment);
    if (segment === last) all.push(load);
  }
  all.push(note);
  const size = noteOffset + length;
  return { phoff: header.phoff, hole: 0, noteOffset, blobOffset, size, segments: all };
}

/**
 * Whether the program headers are where every kernel tells the program that they are. Kernels since 5.18 name the
 * address at which the segment that holds them is loaded. Older ones name the address of the first loadable segment
 * plus e_phoff. All of them have to be in one segment, or the program reads on behind its end.
 */
export function headersWhereKernelsSay(phoff: number, segments: readonly Segment[]): boolean {
  const loads = loadsOf(segments);
  const first = loads[0];
  const end = phoff + segments.length * PHDR_SIZE;
  const holder = loads.find((load) => load.offset <= phoff && end <= load.offset + load.filesz);
  if (first === undefined || holder === undefined) return false;
  const before518 = first.vaddr - first.offset + phoff;
  const since518 = holder.vaddr - holder.offset + phoff;
  const said = segments.find((segment) => segment.type === PT_PHDR)?.vaddr ?? since518;
  return before518 === since518 && said === since518;
}

function noRoom(base: Source, why: Extract<SeaFailure, { kind: "no-room" }>["why"]): Failure<"sea"> {
  return new Failure("sea", { kind: "no-room", path: base.path, why });
}

export function alignUp(value: number, to: number): number {
  return Math.ceil(value / to) * to;
}
