/** Reads numbers one after another. A position outside of the bytes is a RangeError, as it is for a DataView. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = bytes.length;
  }

  skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.end) throw new RangeError("past the end");
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }

  u16(): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2, true);
  }

  u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }

  u64(): bigint {
    this.at += 8;
    return this.#view.getBigUint64(this.at - 8, true);
  }

  /** A text that ends with a NUL. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.at);
    const found = text(this.#bytes, this.at);
    this.at = end + 1;
    return found;
  }

  /** A number of variable length, LEB128. Those that are kept as numbers are small; of larger ones the rest is lost. */
  uleb(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      if (shift < 49) value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
  }

  sleb(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      if (shift < 49) value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return (byte & 0x40) !== 0 && shift < 49 ? value - 2 ** (shift + 7) : value;
    }
  }
}

/** How an attribute is written (DWARF 5, section 7.5.6). */
export interface Form {
  readonly kind: number;
  /** The value of DW_FORM_implicit_const. */
  readonly constant: number | undefined;
}

interface Context {
  /** Where the unit begins, to which most references are relative. */
  readonly unit: number;
  /** The sections of texts. */
  readonly texts: {
    readonly direct: Uint8Array;
    readonly line: Uint8Array;
    readonly offsets: Uint8Array;
  };
  /** Where the unit's offsets of texts begin. */
  readonly textOffsets: number;
}

const decoder = new TextDecoder();

/** A longer name comes from no compiler. */
const NAME_MAX = 1024;

function text(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  if (at >= bytes.length || end < 0 || end - at > NAME_MAX) throw new RangeError("no text");
  return decoder.decode(bytes.subarray(at, end));
}

function indexed({ texts, textOffsets }: Context, index: number, wanted: boolean): string | undefined {
  if (!wanted) return undefined;
  return text(texts.direct, new Cursor(texts.offsets, textOffsets + index * 4).u32());
}

/** DW_OP_fbreg and DW_OP_breg10: a place relative to the function's frame, which BPF has in register 10. */
const FRAME: ReadonlySet<number> = new Set([0x91, 0x7a]);

/** An expression. One is kept: that of a variable on the stack, as its offset from what DWARF takes for the frame. */
function expression(cursor: Cursor, length: number): number | undefined {
  const at = cursor.at;
  cursor.skip(length);
  const end = cursor.at;
  cursor.at = at;
  const offset = length > 1 && FRAME.has(cursor.u8()) ? cursor.sleb() : undefined;
  const whole = cursor.at === end;
  cursor.at = end;
  return whole ? offset : undefined;
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
  3: (cursor) => expression(cursor, cursor.u16()), // block2
  4: (cursor) => expression(cursor, cursor.u32()), // block4
  5: u16, // data2
  6: u32, // data4
  7: u64, // data8
  8: (cursor) => cursor.text(), // string
  9: (cursor) => expression(cursor, cursor.uleb()), // block
  10: (cursor) => expression(cursor, cursor.u8()), // block1
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
  23: skip(4), // sec_offset
  24: (cursor) => expression(cursor, cursor.uleb()), // exprloc
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
  34: (cursor) => void cursor.uleb(), // loclistx
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
