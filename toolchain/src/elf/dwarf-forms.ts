import { Cursor, text } from "./dwarf-bytes.ts";
import { type Lists, placeByIndex, placeByOffset, placeOf } from "./dwarf-locations.ts";

/** How an attribute is written (DWARF 5, section 7.5.6). */
export interface Form {
  readonly kind: number;
  /** The value of DW_FORM_implicit_const. */
  readonly constant: number | undefined;
}

/** The sections, besides the one that is read, in which values are looked up. */
export interface Sections {
  readonly texts: {
    readonly direct: Uint8Array;
    readonly line: Uint8Array;
    readonly offsets: Uint8Array;
  };
  readonly lists: Lists;
}

interface Context extends Sections {
  /** Where the unit begins, to which most references are relative. */
  readonly unit: number;
  /** Where the unit's offsets of texts begin. */
  readonly textOffsets: number;
}

function indexed({ texts, textOffsets }: Context, index: number, wanted: boolean): string | undefined {
  if (!wanted) return undefined;
  return text(texts.direct, new Cursor(texts.offsets, textOffsets + index * 4).u32());
}

type Value = number | bigint | string | undefined;
type Reader = (cursor: Cursor, context: Context, wanted: boolean, form: Form) => Value;

const u8: Reader = (cursor) => cursor.u8();
const u16: Reader = (cursor) => cursor.u16();
const u32: Reader = (cursor) => cursor.u32();
const u64: Reader = (cursor) => cursor.u64();
const uleb: Reader = (cursor) => cursor.uleb();
const skip =
  (bytes: number): Reader =>
  (cursor) => {
    cursor.skip(bytes);
    return undefined;
  };
const relative =
  (read: Reader): Reader =>
  (cursor, context, wanted, form) =>
    Number(read(cursor, context, wanted, form)) + context.unit;
const textOf =
  (read: (cursor: Cursor) => number): Reader =>
  (cursor, context, wanted) =>
    indexed(context, read(cursor), wanted);
const u24 = (cursor: Cursor) => cursor.u16() + cursor.u8() * 0x10000;

/** How each form is read, by its number. What is only an index into a section that is not read is stepped over. */
const READERS: Readonly<Record<number, Reader>> = {
  1: u64, // addr
  3: (cursor) => placeOf(cursor, cursor.u16()), // block2
  4: (cursor) => placeOf(cursor, cursor.u32()), // block4
  5: u16, // data2
  6: u32, // data4
  7: u64, // data8
  8: (cursor) => cursor.text(), // string
  9: (cursor) => placeOf(cursor, cursor.uleb()), // block
  10: (cursor) => placeOf(cursor, cursor.u8()), // block1
  11: u8, // data1
  12: u8, // flag
  13: (cursor) => cursor.sleb(), // sdata
  14: (cursor, { texts }, wanted) => {
    const at = cursor.u32();
    return wanted ? text(texts.direct, at) : undefined;
  }, // strp
  15: uleb, // udata
  16: u32, // ref_addr
  17: relative(u8), // ref1
  18: relative(u16), // ref2
  19: relative(u32), // ref4
  20: relative(u64), // ref8
  21: relative(uleb), // ref_udata
  23: (cursor, { lists }, wanted) => {
    const at = cursor.u32();
    // Of what is kept only locations are written so.
    return wanted ? placeByOffset(lists, at) : undefined;
  }, // sec_offset
  24: (cursor) => placeOf(cursor, cursor.uleb()), // exprloc
  25: () => 1, // flag_present
  26: textOf((cursor) => cursor.uleb()), // strx
  27: uleb, // addrx: an index
  28: skip(4), // ref_sup4
  29: skip(4), // strp_sup
  30: skip(16), // data16
  31: (cursor, { texts }, wanted) => {
    const at = cursor.u32();
    return wanted ? text(texts.line, at) : undefined;
  }, // line_strp
  32: skip(8), // ref_sig8
  33: (_cursor, _context, _wanted, form) => form.constant, // implicit_const
  34: (cursor, { lists }, wanted) => {
    const index = cursor.uleb();
    return wanted ? placeByIndex(lists, index) : undefined;
  }, // loclistx
  35: (cursor) => void cursor.uleb(), // rnglistx
  36: skip(8), // ref_sup8
  37: textOf((cursor) => cursor.u8()), // strx1
  38: textOf((cursor) => cursor.u16()), // strx2
  39: textOf(u24), // strx3
  40: textOf((cursor) => cursor.u32()), // strx4
  41: u8, // addrx1
  42: u16, // addrx2
  43: (cursor) => u24(cursor), // addrx3
  44: u32, // addrx4
};

/**
 * The value of an attribute, or undefined if it is none that is kept. Texts are looked up only if they are wanted.
 * @throws RangeError for a form that is not known, because then its length is not known either
 */
export function readForm(cursor: Cursor, form: Form, context: Context, wanted: boolean): Value {
  const reader = READERS[form.kind];
  if (reader === undefined) throw new RangeError("an unknown form");
  return reader(cursor, context, wanted, form);
}
