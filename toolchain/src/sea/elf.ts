import { Failure } from "../base/failure.ts";
import type { HeaderFault } from "./failures.ts";

/**
 * Reads the part of an ELF executable that injection needs: its header and its program headers (System V gABI, chapters
 * 4 and 5; <elf.h>). The functions here do no I/O and check all bounds: whatever the bytes are, they return a result or
 * throw a `Failure<"sea">`.
 */

export const EHDR_SIZE = 64;
export const PHDR_SIZE = 56;
export const SHDR_SIZE = 64;

export const PT_NULL = 0;
export const PT_LOAD = 1;
export const PT_NOTE = 4;
export const PT_PHDR = 6;
export const PF_R = 4;

/** No linker writes as many program headers. A table of this size is still within what the kernel reads, 64 KiB. */
const MAX_PHNUM = 1024;

const ET_EXEC = 2;
const ET_DYN = 3;

/** `page` is the largest page size, in bytes, that a kernel for the machine may use. */
const MACHINES: Readonly<Record<number, { readonly arch: "x64" | "arm64"; readonly page: number }>> = {
  62: { arch: "x64", page: 0x1000 },
  183: { arch: "arm64", page: 0x10000 },
};

/** The file that bytes come from: its path, for messages, and its whole size in bytes. */
export interface Source {
  readonly path: string;
  readonly size: number;
}

export interface Header {
  readonly arch: "x64" | "arm64";
  readonly page: number;
  /** An ET_DYN file (PIE) is loaded at an address that the kernel chooses, an ET_EXEC file at the one that it names. */
  readonly pie: boolean;
  readonly phoff: number;
  readonly phnum: number;
  /** 0 if there is no section table. */
  readonly shoff: number;
  readonly shnum: number;
}

/** A program header. Offsets and sizes are in bytes. */
export interface Segment {
  readonly type: number;
  readonly flags: number;
  readonly offset: number;
  readonly vaddr: number;
  readonly paddr: number;
  readonly filesz: number;
  readonly memsz: number;
  readonly align: number;
}

export function odd(source: Source, fault: HeaderFault): Failure<"sea"> {
  return new Failure("sea", { kind: "base-odd-headers", path: source.path, fault });
}

function truncated(source: Source, needs: number): Failure<"sea"> {
  return new Failure("sea", { kind: "base-truncated", path: source.path, size: source.size, needs });
}

/** A 64-bit field as a number. A value above 2^53 - 1 lies in no file and in no address space: it becomes Infinity. */
function u64(view: DataView, at: number): number {
  const value = view.getBigUint64(at, true);
  return value <= BigInt(Number.MAX_SAFE_INTEGER) ? Number(value) : Number.POSITIVE_INFINITY;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Reads the ELF header. `bytes` are the first `EHDR_SIZE` bytes of the file, or all of a shorter file. */
export function readHeader(bytes: Uint8Array, source: Source): Header {
  const magic = [0x7f, 0x45, 0x4c, 0x46];
  if (bytes.length < 4 || magic.some((byte, at) => bytes[at] !== byte)) {
    throw new Failure("sea", { kind: "base-not-elf", path: source.path });
  }
  if (bytes.length < EHDR_SIZE || source.size < EHDR_SIZE) throw truncated(source, EHDR_SIZE);
  if (bytes[4] !== 2 || bytes[5] !== 1) {
    throw new Failure("sea", { kind: "base-not-64-bit-little-endian", path: source.path });
  }
  const view = viewOf(bytes);
  const type = view.getUint16(16, true);
  if (type !== ET_EXEC && type !== ET_DYN) {
    throw new Failure("sea", { kind: "base-not-executable", path: source.path, type });
  }
  const machine = view.getUint16(18, true);
  const known = MACHINES[machine];
  if (known === undefined)
    throw new Failure("sea", { kind: "base-wrong-machine", path: source.path, machine });
  const header: Header = {
    ...known,
    pie: type === ET_DYN,
    phoff: u64(view, 32),
    phnum: view.getUint16(56, true),
    shoff: u64(view, 40),
    shnum: view.getUint16(60, true),
  };
  checkTables(view, header, source);
  return header;
}

function checkTables(view: DataView, header: Header, source: Source): void {
  if (view.getUint16(52, true) !== EHDR_SIZE || view.getUint16(54, true) !== PHDR_SIZE) {
    throw odd(source, "header-sizes");
  }
  if (header.phnum === 0) throw odd(source, "no-load-segment");
  if (header.phnum > MAX_PHNUM || header.phoff < EHDR_SIZE || header.phoff % 8 !== 0)
    throw odd(source, "header-sizes");
  const phend = header.phoff + header.phnum * PHDR_SIZE;
  if (phend > source.size) throw truncated(source, phend);
  if (header.shoff === 0 || header.shnum === 0) return;
  if (view.getUint16(58, true) !== SHDR_SIZE || header.shoff < EHDR_SIZE) throw odd(source, "section-table");
  const shend = header.shoff + header.shnum * SHDR_SIZE;
  if (shend > source.size) throw truncated(source, shend);
}

/**
 * Reads the `header.phnum` program headers in `bytes`, and checks that the segments to be loaded make sense together.
 */
export function readSegments(bytes: Uint8Array, header: Header, source: Source): Segment[] {
  if (bytes.length < header.phnum * PHDR_SIZE)
    throw truncated(source, header.phoff + header.phnum * PHDR_SIZE);
  const view = viewOf(bytes);
  const segments: Segment[] = [];
  for (let at = 0; at < header.phnum * PHDR_SIZE; at += PHDR_SIZE) {
    segments.push({
      type: view.getUint32(at, true),
      flags: view.getUint32(at + 4, true),
      offset: u64(view, at + 8),
      vaddr: u64(view, at + 16),
      paddr: u64(view, at + 24),
      filesz: u64(view, at + 32),
      memsz: u64(view, at + 40),
      align: u64(view, at + 48),
    });
  }
  checkSegments(segments, header, source);
  return segments;
}

/** The highest address of user space on x86-64 with four levels of page tables. arm64 has no less. */
const ADDRESS_LIMIT = 0x7fff_ffff_f000;

function checkSegments(segments: readonly Segment[], header: Header, source: Source): void {
  for (const segment of segments) {
    const end = segment.offset + segment.filesz;
    if (segment.filesz > 0 && end > source.size) throw truncated(source, end);
    if (!Object.values(segment).every(Number.isFinite)) throw odd(source, "outside-address-space");
  }
  const loads = loadsOf(segments);
  const first = loads[0];
  if (first === undefined) throw odd(source, "no-load-segment");
  let end = 0;
  for (const load of loads) {
    if (load.filesz > load.memsz) throw odd(source, "file-size-over-memory-size");
    if (load.vaddr + load.memsz > ADDRESS_LIMIT) throw odd(source, "outside-address-space");
    if (load.vaddr < end) throw odd(source, "loads-not-ascending");
    if (!isAlignment(load.align) || (load.vaddr - load.offset) % Math.max(load.align, 1) !== 0) {
      throw odd(source, "load-misaligned");
    }
    end = load.vaddr + load.memsz;
  }
  const delta = first.vaddr - first.offset;
  if (delta < 0 || delta % header.page !== 0) throw odd(source, "first-load-offset");
  const tables = segments.filter((segment) => segment.type === PT_PHDR);
  if (tables.length > 1) throw odd(source, "several-phdr-segments");
  if (tables[0] !== undefined && tables[0].vaddr !== header.phoff + delta) {
    throw odd(source, "program-headers-not-loaded");
  }
}

function isAlignment(align: number): boolean {
  return align === 0 || (Number.isFinite(align) && Number.isInteger(Math.log2(align)));
}

export function loadsOf(segments: readonly Segment[]): Segment[] {
  return segments.filter((segment) => segment.type === PT_LOAD);
}

/**
 * The offset at which everything that the program headers describe ends, and the program headers themselves. What lies
 * behind it in the file is never loaded.
 */
export function contentEnd(header: Header, segments: readonly Segment[]): number {
  const table = header.phoff + header.phnum * PHDR_SIZE;
  return segments.reduce(
    (end, { offset, filesz }) => (filesz > 0 ? Math.max(end, offset + filesz) : end),
    table,
  );
}
