import { Failure } from "../base/failure.ts";

/** A section. `data` is a view of the file's bytes; for SHT_NOBITS it is empty, though `size` is not 0. */
export interface ElfSection {
  readonly index: number;
  readonly name: string;
  /** One of SHT_*. */
  readonly type: number;
  /** Bits of SHF_*. */
  readonly flags: number;
  readonly size: number;
  readonly link: number;
  readonly info: number;
  readonly entsize: number;
  readonly data: Uint8Array;
}

export interface ElfSymbol {
  readonly name: string;
  /** In a relocatable object this is the offset within the symbol's section. */
  readonly value: number;
  readonly size: number;
  /** One of STB_*. */
  readonly bind: number;
  /** One of STT_*. */
  readonly type: number;
  /** The index of the symbol's section, or SHN_UNDEF, SHN_ABS or SHN_COMMON. */
  readonly section: number;
}

export interface ElfObject {
  readonly sections: readonly ElfSection[];
  readonly symbols: readonly ElfSymbol[];
  /** The first section of that name. */
  section(name: string): ElfSection | undefined;
}

export const SHT = { PROGBITS: 1, SYMTAB: 2, STRTAB: 3, NOBITS: 8, REL: 9 } as const;
export const SHF = { WRITE: 1, ALLOC: 2, EXECINSTR: 4 } as const;
export const STB = { LOCAL: 0, GLOBAL: 1, WEAK: 2 } as const;
export const STT = { NOTYPE: 0, OBJECT: 1, FUNC: 2, SECTION: 3 } as const;

const EM_BPF = 247;
const ET_REL = 1;
const HEADER = 64;
const SECTION_HEADER = 64;
const SYMBOL = 24;
/** No compiler writes longer names. They are refused, so that a few hostile bytes cannot become a large output. */
const NAME_MAX = 1024;

function corrupt(what: string): never {
  throw new Failure("elf", { kind: "elf-corrupt", what });
}

function unsupported(what: string): never {
  throw new Failure("elf", { kind: "elf-unsupported", what });
}

/** The fields of 64 bits are offsets and sizes. `slice` refuses those that lie outside of the file. */
function u64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * 2 ** 32;
}

function slice(bytes: Uint8Array, offset: number, size: number, what: string): Uint8Array {
  if (offset + size > bytes.length) corrupt(`${what} ends past the end of the file`);
  return bytes.subarray(offset, offset + size);
}

/** The string at an offset of a string table, up to its NUL. `what` names it in a failure. */
export function stringAt(table: Uint8Array, offset: number, what: string): string {
  if (offset >= table.length) {
    if (offset === 0) return "";
    corrupt(`${what} lies outside its string table`);
  }
  const end = table.indexOf(0, offset);
  if (end < 0) corrupt(`${what} is not terminated`);
  if (end - offset > NAME_MAX) corrupt(`${what} is longer than ${NAME_MAX} bytes`);
  return decoder.decode(table.subarray(offset, end));
}

const decoder = new TextDecoder();

function checkHeader(bytes: Uint8Array): DataView {
  if (bytes.length < 4 || bytes[0] !== 0x7f || bytes[1] !== 0x45 || bytes[2] !== 0x4c || bytes[3] !== 0x46)
    throw new Failure("elf", { kind: "elf-not-elf" });
  if (bytes.length < HEADER) corrupt("the file header is cut short");
  if (bytes[4] !== 2) unsupported("32-bit ELF");
  if (bytes[5] !== 1) unsupported("big-endian ELF");
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const machine = view.getUint16(18, true);
  if (machine !== EM_BPF) unsupported(`ELF for machine ${machine}, not for BPF`);
  const type = view.getUint16(16, true);
  if (type !== ET_REL) unsupported(`ELF of type ${type}, not relocatable`);
  return view;
}

function readSections(bytes: Uint8Array, view: DataView): ElfSection[] {
  const at = u64(view, 40);
  const entry = view.getUint16(58, true);
  const count = view.getUint16(60, true);
  const namesIndex = view.getUint16(62, true);
  if (count === 0) return [];
  if (entry !== SECTION_HEADER) corrupt(`section headers of ${entry} bytes`);
  slice(bytes, at, count * SECTION_HEADER, "the section header table");
  const raw = (index: number) => {
    const h = at + index * SECTION_HEADER;
    const type = view.getUint32(h + 4, true);
    const size = u64(view, h + 32);
    const data =
      type === SHT.NOBITS || index === 0
        ? bytes.subarray(0, 0)
        : slice(bytes, u64(view, h + 24), size, `section ${index}`);
    return { h, type, size, data };
  };
  if (namesIndex >= count) corrupt("the section name table does not exist");
  const names = raw(namesIndex).data;
  return Array.from({ length: count }, (_, index) => {
    const { h, type, size, data } = raw(index);
    return {
      index,
      name: index === 0 ? "" : stringAt(names, view.getUint32(h, true), `the name of section ${index}`),
      type,
      flags: u64(view, h + 8),
      size,
      link: view.getUint32(h + 40, true),
      info: view.getUint32(h + 44, true),
      entsize: u64(view, h + 56),
      data,
    };
  });
}

function readSymbols(sections: readonly ElfSection[]): ElfSymbol[] {
  const table = sections.find((section) => section.type === SHT.SYMTAB);
  if (table === undefined) return [];
  const names = sections[table.link];
  if (names === undefined || names.type !== SHT.STRTAB) corrupt("the symbol table has no string table");
  const view = new DataView(table.data.buffer, table.data.byteOffset, table.data.byteLength);
  return Array.from({ length: Math.floor(table.data.length / SYMBOL) }, (_, index) => {
    const s = index * SYMBOL;
    const info = view.getUint8(s + 4);
    return {
      name: stringAt(names.data, view.getUint32(s, true), `the name of symbol ${index}`),
      value: u64(view, s + 8),
      size: u64(view, s + 16),
      bind: info >> 4,
      type: info & 15,
      section: view.getUint16(s + 6, true),
    };
  });
}

/**
 * Reads a BPF object. clang and `bpftool gen object` write it as relocatable ELF with 64 bits, little-endian (elf(5),
 * and the kernel's Documentation/bpf/llvm_reloc.rst). No bytes are copied.
 *
 * @throws Failure<"elf">
 */
export function readElf(bytes: Uint8Array): ElfObject {
  const sections = readSections(bytes, checkHeader(bytes));
  const symbols = readSymbols(sections);
  const byName = new Map<string, ElfSection>();
  for (const section of sections) if (!byName.has(section.name)) byName.set(section.name, section);
  return {
    sections,
    symbols,
    section: (name) => byName.get(name),
  };
}
