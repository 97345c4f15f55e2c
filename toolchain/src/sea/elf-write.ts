import { PHDR_SIZE, type Segment, viewOf } from "./elf.ts";

/** Injection and stripping change two parts of an ELF file: the program headers, and fields of the ELF header. */

/** The bytes of a program header table. */
export function encodeSegments(segments: readonly Segment[]): Uint8Array {
  const bytes = new Uint8Array(segments.length * PHDR_SIZE);
  const view = viewOf(bytes);
  segments.forEach((segment, index) => {
    const at = index * PHDR_SIZE;
    view.setUint32(at, segment.type, true);
    view.setUint32(at + 4, segment.flags, true);
    const wide = [segment.offset, segment.vaddr, segment.paddr, segment.filesz, segment.memsz, segment.align];
    wide.forEach((value, field) => {
      view.setBigUint64(at + 8 + field * 8, BigInt(value), true);
    });
  });
  return bytes;
}

/** A change to the ELF header: the field at offset `at`, `size` bytes wide. */
export interface Field {
  readonly at: number;
  readonly size: 2 | 8;
  readonly value: number;
}

/** What e_shoff, e_shnum and e_shstrndx are in a file that has no section table. */
export const NO_SECTIONS: readonly Field[] = [
  { at: 40, size: 8, value: 0 },
  { at: 60, size: 2, value: 0 },
  { at: 62, size: 2, value: 0 },
];

/** The fields e_phoff and e_phnum. */
export function programHeaderFields(phoff: number, phnum: number): Field[] {
  return [
    { at: 32, size: 8, value: phoff },
    { at: 56, size: 2, value: phnum },
  ];
}

export function encodeField({ size, value }: Field): Uint8Array {
  const bytes = new Uint8Array(size);
  if (size === 8) viewOf(bytes).setBigUint64(0, BigInt(value), true);
  else viewOf(bytes).setUint16(0, value, true);
  return bytes;
}
