import { Cursor } from "./dwarf-bytes.ts";
import { type Form, readForm, type Sections } from "./dwarf-forms.ts";
import type { ElfObject } from "./read.ts";

/** The tags of entries that are read (DWARF 5, section 7.5.3). */
export const TAG = {
  array: 0x01,
  enumeration: 0x04,
  parameter: 0x05,
  member: 0x0d,
  pointer: 0x0f,
  unit: 0x11,
  structure: 0x13,
  typedef: 0x16,
  union: 0x17,
  inlined: 0x1d,
  subrange: 0x21,
  base: 0x24,
  constant: 0x26,
  enumerator: 0x28,
  subprogram: 0x2e,
  variable: 0x34,
  volatile: 0x35,
  restrict: 0x37,
} as const;

/** The attributes that are kept (DWARF 5, section 7.5.4). All others are only stepped over. */
export const AT = {
  location: 0x02,
  name: 0x03,
  byteSize: 0x0b,
  bitOffset: 0x0c,
  bitSize: 0x0d,
  lowPc: 0x11,
  constValue: 0x1c,
  upperBound: 0x2f,
  origin: 0x31,
  count: 0x37,
  memberLocation: 0x38,
  declaration: 0x3c,
  encoding: 0x3e,
  type: 0x49,
  dataBitOffset: 0x6b,
} as const;
const KEPT: ReadonlySet<number> = new Set(Object.values(AT));

/** An entry of the debugging information. */
export interface Entry {
  /** One of TAG, or any other. */
  readonly tag: number;
  /**
   * By AT: numbers and texts; of a location on the stack its offset. References to other entries are their offsets, as
   * in the keys of `Dwarf.entries`.
   */
  readonly attributes: ReadonlyMap<number, number | bigint | string>;
  readonly children: Entry[];
}

/** The debugging information of an object. */
export interface Dwarf {
  /** The compilation units. */
  readonly units: readonly Entry[];
  /** Every entry, by its offset in `.debug_info`. */
  readonly entries: ReadonlyMap<number, Entry>;
}

/**
 * How many units and entries are read, how many attributes an entry may have, and how deep entries may be nested. clang
 * writes one unit of some 25,000 entries for a program that includes vmlinux.h.
 */
const UNITS_MAX = 64;
const ENTRIES_MAX = 500_000;
const ATTRIBUTES_MAX = 64;
const DEPTH_MAX = 256;

interface Abbreviation {
  readonly tag: number;
  readonly children: boolean;
  readonly attributes: readonly { readonly at: number; readonly form: Form }[];
}

/**
 * Reads the DWARF that `clang -g` writes for BPF: versions 4 and 5, in 32-bit format. Only an object that no linker has
 * changed is read right: its relocations are not applied, because there the texts' offsets already stand in place.
 *
 * @returns undefined if the object has none, or none that can be read; whoever asks can then know less, but a build
 * needs none of it
 */
export function readDwarf(elf: ElfObject): Dwarf | undefined {
  const data = (name: string) => elf.section(name)?.data ?? new Uint8Array();
  const info = new Cursor(data(".debug_info"));
  const abbreviations = data(".debug_abbrev");
  const sections: Sections = {
    texts: { direct: data(".debug_str"), line: data(".debug_line_str"), offsets: data(".debug_str_offsets") },
    lists: { loclists: data(".debug_loclists"), loc: data(".debug_loc") },
  };
  const entries = new Map<number, Entry>();
  const units: Entry[] = [];
  try {
    while (info.at < info.end) {
      if (units.length >= UNITS_MAX) throw new RangeError("too many units");
      const unit = readUnit(info, abbreviations, sections, entries);
      if (unit !== undefined) units.push(unit);
    }
  } catch (error) {
    // A position outside of a section, or a form that is newer than this reader.
    if (error instanceof RangeError) return undefined;
    throw error;
  }
  return units.length === 0 ? undefined : { units, entries };
}

function readUnit(
  info: Cursor,
  abbreviations: Uint8Array,
  sections: Sections,
  entries: Map<number, Entry>,
): Entry | undefined {
  const start = info.at;
  const end = info.u32() + info.at;
  const version = info.u16();
  if (version < 4 || version > 5 || end > info.end) throw new RangeError("not read");
  // From version 5 on there is the kind of the unit, and the size of addresses stands before the offset.
  if (version === 5) info.skip(2);
  const table = readAbbreviations(new Cursor(abbreviations, info.u32()));
  if (version === 4) info.skip(1);
  // A unit's own offsets of texts begin behind the header of eight bytes; clang writes one such table for each object.
  const context = { unit: start, ...sections, textOffsets: 8 };
  const open: Entry[] = [];
  let root: Entry | undefined;
  while (info.at < end) {
    const offset = info.at;
    const code = info.uleb();
    if (code === 0) {
      open.pop();
      if (open.length === 0) break;
      continue;
    }
    const abbreviation = table.get(code);
    if (abbreviation === undefined) throw new RangeError("no such abbreviation");
    const attributes = new Map<number, number | bigint | string>();
    for (const { at, form } of abbreviation.attributes) {
      const value = readForm(info, form, context, KEPT.has(at));
      if (value !== undefined && KEPT.has(at)) attributes.set(at, value);
    }
    const entry: Entry = { tag: abbreviation.tag, attributes, children: [] };
    entries.set(offset, entry);
    if (entries.size > ENTRIES_MAX) throw new RangeError("too many entries");
    root ??= entry;
    open.at(-1)?.children.push(entry);
    if (abbreviation.children) open.push(entry);
    if (open.length === 0) break;
    if (open.length > DEPTH_MAX) throw new RangeError("too deep");
  }
  info.at = end;
  return root;
}

function readAbbreviations(cursor: Cursor): Map<number, Abbreviation> {
  const table = new Map<number, Abbreviation>();
  for (let code = cursor.uleb(); code !== 0; code = cursor.uleb()) {
    const tag = cursor.uleb();
    const children = cursor.u8() !== 0;
    const attributes: { at: number; form: Form }[] = [];
    for (;;) {
      const [at, kind] = [cursor.uleb(), cursor.uleb()];
      // DW_FORM_implicit_const has its value here, and not in the entries.
      const constant = kind === 0x21 ? cursor.sleb() : undefined;
      if (at === 0 && kind === 0) break;
      attributes.push({ at, form: { kind, constant } });
      if (attributes.length > ATTRIBUTES_MAX) throw new RangeError("too many attributes");
    }
    table.set(code, { tag, children, attributes });
  }
  return table;
}
