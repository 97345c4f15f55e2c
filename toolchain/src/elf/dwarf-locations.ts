import { Cursor } from "./dwarf-bytes.ts";

/** How an operation's operands are stepped over. */
type Operands = (cursor: Cursor) => void;
const none: Operands = () => {};
const leb: Operands = (cursor) => void cursor.uleb();
const block: Operands = (cursor) => cursor.skip(cursor.uleb());
const fixed =
  (bytes: number): Operands =>
  (cursor) =>
    cursor.skip(bytes);

const FBREG = 0x91;
/** A place relative to register 10, which is BPF's frame pointer. */
const BREG10 = 0x7a;
const PLUS_UCONST = 0x23;
const PIECE = 0x93;

/** The other operations that a compiler describes variables by (DWARF 5, section 7.7.1): from, to, their operands. */
const OPERATIONS: readonly (readonly [number, number, Operands])[] = [
  [0x03, 0x03, fixed(8)], // addr
  [0x06, 0x06, none], // deref
  [0x08, 0x09, fixed(1)], // const1u, const1s
  [0x0a, 0x0b, fixed(2)], // const2u, const2s
  [0x0c, 0x0d, fixed(4)], // const4u, const4s
  [0x0e, 0x0f, fixed(8)], // const8u, const8s
  [0x10, 0x11, leb], // constu, consts
  [0x12, 0x14, none], // dup, drop, over
  [0x16, 0x22, none], // swap … plus
  [PLUS_UCONST, PLUS_UCONST, leb],
  [0x24, 0x27, none], // shl, shr, shra, xor
  [0x29, 0x2e, none], // comparisons
  [0x30, 0x6f, none], // lit0 … lit31, reg0 … reg31
  [0x70, 0x91, leb], // breg0 … breg31, regx, fbreg
  [0x94, 0x94, fixed(1)], // deref_size
  [0x9e, 0x9e, block], // implicit_value
  [0x9f, 0x9f, none], // stack_value
  [0xa1, 0xa2, leb], // addrx, constx
  [0xa3, 0xa3, block], // entry_value
  [0xa8, 0xa9, leb], // convert, reinterpret
];

/**
 * Where on the stack a variable begins that the next `length` bytes describe, from what DWARF takes for the frame. From
 * version 17 on clang follows assignments, and says of a struct piece by piece whether it is in memory, is a constant or
 * is nowhere yet: any piece that is in memory tells where the whole begins.
 *
 * @returns undefined if no part of it is known to be there
 */
export function placeOf(cursor: Cursor, length: number): number | undefined {
  const end = cursor.at + length;
  if (end > cursor.end) throw new RangeError("past the end");
  const place = evaluate(cursor, end);
  cursor.at = end;
  return place;
}

function evaluate(cursor: Cursor, end: number): number | undefined {
  let piece = 0;
  let place: number | undefined;
  /** Whether more is said of this piece than where in the frame it is. */
  let more = false;
  while (cursor.at < end) {
    const operation = cursor.u8();
    if (operation === PIECE) {
      if (place !== undefined && !more) return place - piece;
      piece += cursor.uleb();
      place = undefined;
      more = false;
    } else if ((operation === FBREG || operation === BREG10) && place === undefined) place = cursor.sleb();
    else if (operation === PLUS_UCONST && place !== undefined) place += cursor.uleb();
    else {
      more = true;
      const known = OPERATIONS.find(([from, to]) => operation >= from && operation <= to);
      if (known === undefined) return undefined;
      known[2](cursor);
    }
  }
  return more ? undefined : place;
}

/** The sections of lists: a variable that moves has one, with an expression for each range of addresses. */
export interface Lists {
  /** `.debug_loclists`, of version 5. */
  readonly loclists: Uint8Array;
  /** `.debug_loc`, of version 4. */
  readonly loc: Uint8Array;
}

/** How many entries of a list are read. All of them that are in memory name the same place, so one is enough. */
const ENTRIES_MAX = 64;

/** Where a unit's table of offsets begins: behind a header of twelve bytes. clang writes one unit for each object. */
const TABLE = 12;

/** The place that a list names by its number in the table. */
export function placeByIndex({ loclists }: Lists, index: number): number | undefined {
  const offset = new Cursor(loclists, TABLE + index * 4).u32();
  return placeInList(new Cursor(loclists, TABLE + offset));
}

/** The place that a list names by its offset in the section. */
export function placeByOffset({ loclists, loc }: Lists, offset: number): number | undefined {
  if (loclists.length > 0) return placeInList(new Cursor(loclists, offset));
  return loc.length > 0 ? placeInOldList(new Cursor(loc, offset)) : undefined;
}

/** The kinds of entries in a list (DWARF 5, section 7.7.3): what stands before the expression, and whether there is one. */
const ENTRIES: readonly { readonly range: readonly Operands[]; readonly expression: boolean }[] = [
  { range: [], expression: false }, // end_of_list
  { range: [leb], expression: false }, // base_addressx
  { range: [leb, leb], expression: true }, // startx_endx
  { range: [leb, leb], expression: true }, // startx_length
  { range: [leb, leb], expression: true }, // offset_pair
  { range: [], expression: true }, // default_location
  { range: [fixed(8)], expression: false }, // base_address
  { range: [fixed(8), fixed(8)], expression: true }, // start_end
  { range: [fixed(8), leb], expression: true }, // start_length
];

function placeInList(cursor: Cursor): number | undefined {
  for (let read = 0; read < ENTRIES_MAX; read++) {
    const kind = cursor.u8();
    const entry = ENTRIES[kind];
    if (kind === 0 || entry === undefined) return undefined;
    for (const operand of entry.range) operand(cursor);
    const place = entry.expression ? placeOf(cursor, cursor.uleb()) : undefined;
    if (place !== undefined) return place;
  }
  return undefined;
}

/** Pairs of addresses: two that are zero end the list, and the largest number stands before a new base. */
function placeInOldList(cursor: Cursor): number | undefined {
  for (let read = 0; read < ENTRIES_MAX; read++) {
    const [from, to] = [cursor.u64(), cursor.u64()];
    if (from === 0n && to === 0n) return undefined;
    if (from === 0xffff_ffff_ffff_ffffn) continue;
    const place = placeOf(cursor, cursor.u16());
    if (place !== undefined) return place;
  }
  return undefined;
}
