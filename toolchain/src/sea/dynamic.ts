import { loadsOf, type Segment, viewOf } from "./elf.ts";

/** The dynamic section: a list of tags with values, from which the loader learns where its tables are. */
export const DYN_SIZE = 16;
export const SYM_SIZE = 24;
export const RELA_SIZE = 24;
export const PT_DYNAMIC = 2;

export const DT = {
  NULL: 0,
  NEEDED: 1,
  PLTRELSZ: 2,
  STRTAB: 5,
  SYMTAB: 6,
  RELA: 7,
  RELASZ: 8,
  RELAENT: 9,
  STRSZ: 10,
  SYMENT: 11,
  SONAME: 14,
  RPATH: 15,
  PLTREL: 20,
  JMPREL: 23,
  RUNPATH: 29,
  GNU_HASH: 0x6ffffef5,
  VERSYM: 0x6ffffff0,
  VERNEED: 0x6ffffffe,
  VERNEEDNUM: 0x6fffffff,
} as const;

/**
 * Tags that say nothing of symbols or names: INIT, FINI, PLTGOT, DEBUG, TEXTREL, BIND_NOW, INIT_ARRAY, FINI_ARRAY and their
 * sizes, FLAGS, PREINIT_ARRAY and its size, RELRSZ, RELR and RELRENT, RELACOUNT, FLAGS_1, and those of arm64 for branch
 * protection.
 */
const OTHERS: ReadonlySet<number> = new Set([
  12, 13, 3, 21, 22, 24, 25, 26, 27, 28, 30, 32, 33, 35, 36, 37, 0x6ffffff9, 0x6ffffffb, 0x70000001,
  0x70000003, 0x70000005,
]);

/** Tags whose value is the offset of a text in the table of strings. */
export const TEXTS: ReadonlySet<number> = new Set([DT.NEEDED, DT.SONAME, DT.RPATH, DT.RUNPATH]);

/** A part of the file. */
export interface Range {
  readonly offset: number;
  readonly size: number;
}

export interface Tag {
  readonly tag: number;
  readonly value: number;
}

/** Reads the tags up to the one that ends them. Undefined if there is a tag whose meaning is not known here. */
export function readTags(bytes: Uint8Array): Tag[] | undefined {
  const view = viewOf(bytes);
  const known = new Set<number>([...OTHERS, ...Object.values(DT)]);
  const tags: Tag[] = [];
  for (let at = 0; at + DYN_SIZE <= bytes.length; at += DYN_SIZE) {
    const [tag, value] = [view.getBigUint64(at, true), view.getBigUint64(at + 8, true)].map(Number);
    if (tag === undefined || value === undefined || !known.has(tag)) return undefined;
    if (tag === DT.NULL) return tags;
    tags.push({ tag, value });
  }
  return undefined;
}

/** Where the tables are that name symbols, and that are named by them. */
export interface Places {
  readonly hash: number;
  readonly symbols: number;
  readonly strings: Range;
  readonly versions: number;
  readonly needs: number;
  readonly needCount: number;
  readonly relocations: readonly Range[];
}

/** Finds the tables that the tags name in the file. Undefined if there is not exactly what linkers write today. */
export function placesOf(tags: readonly Tag[], segments: readonly Segment[]): Places | undefined {
  const value = (tag: number) => {
    const found = tags.filter((entry) => entry.tag === tag);
    return found.length === 1 ? found[0]?.value : undefined;
  };
  const place = (tag: number) => {
    const vaddr = value(tag);
    return vaddr === undefined ? undefined : offsetOf(vaddr, segments);
  };
  if (value(DT.SYMENT) !== SYM_SIZE || value(DT.RELAENT) !== RELA_SIZE || value(DT.PLTREL) !== DT.RELA)
    return undefined;
  const found = {
    hash: place(DT.GNU_HASH),
    symbols: place(DT.SYMTAB),
    versions: place(DT.VERSYM),
    needs: place(DT.VERNEED),
    needCount: value(DT.VERNEEDNUM),
    strings: range(place(DT.STRTAB), value(DT.STRSZ)),
    relocations: [
      range(place(DT.RELA), value(DT.RELASZ)),
      range(place(DT.JMPREL), value(DT.PLTRELSZ)),
    ].filter((part) => part !== undefined),
  };
  if (Object.values(found).includes(undefined) || found.relocations.length !== 2) return undefined;
  return found as Places;
}

function range(offset: number | undefined, size: number | undefined): Range | undefined {
  return offset === undefined || size === undefined ? undefined : { offset, size };
}

/** Where in the file the byte is that is loaded at `vaddr`. */
export function offsetOf(vaddr: number, segments: readonly Segment[]): number | undefined {
  const load = loadsOf(segments).find((one) => one.vaddr <= vaddr && vaddr < one.vaddr + one.filesz);
  return load && vaddr - load.vaddr + load.offset;
}
