import type { Memory } from "./memory.ts";
import type { Codec, StructCodec, View } from "./spec.ts";

/**
 * What generated files are made of: codecs of C's own types, arrays of them, and the checks a field makes before it is
 * written. The codecs here read at any alignment; generated code goes through typed arrays where a field is aligned.
 */

/** A codec whose value can also be used in place. */
export interface ArrayCodec<T, V, I = T> extends Codec<T, I> {
  view(m: Memory, at: number): V;
  /** An array of the same elements and another length. */
  of(length: number): ArrayCodec<T, V, I>;
}

// ── Checks ──────────────────────────────────────────────────────────────────────────────────────────────────────────

function wrongType(value: unknown, wanted: string, field: string): never {
  throw new TypeError(`${field} wants ${wanted}, not ${value === null ? "null" : typeof value}`);
}

function wrongRange(value: unknown, low: bigint | number, high: bigint | number, field: string): never {
  throw new RangeError(`${field} is a whole number from ${low} to ${high}, not ${value}`);
}

/** An integer from `low` to `high`, both at most 2^53 in magnitude. */
export function checkInt(value: number, low: number, high: number, field: string): number {
  if (typeof value !== "number") wrongType(value, "a number", field);
  if (!(value >= low && value <= high) || Math.floor(value) !== value) wrongRange(value, low, high, field);
  return value;
}

export function checkU32(value: number, field: string): number {
  return value >>> 0 === value ? value : checkInt(value, 0, 0xffffffff, field);
}

export function checkI32(value: number, field: string): number {
  return (value | 0) === value ? value : checkInt(value, -0x80000000, 0x7fffffff, field);
}

export function checkU64(value: bigint, field: string): bigint {
  return checkBig(value, false, 64, field);
}

export function checkI64(value: bigint, field: string): bigint {
  return checkBig(value, true, 64, field);
}

/** A bigint of that many bits. */
export function checkBig(value: bigint, signed: boolean, bits: number, field: string): bigint {
  if (typeof value !== "bigint") wrongType(value, "a bigint", field);
  if ((signed ? BigInt.asIntN(bits, value) : BigInt.asUintN(bits, value)) !== value) {
    const high = 1n << BigInt(signed ? bits - 1 : bits);
    wrongRange(value, signed ? -high : 0n, high - 1n, field);
  }
  return value;
}

export function checkNumber(value: number, field: string): number {
  if (typeof value !== "number") wrongType(value, "a number", field);
  return value;
}

export function checkBool(value: boolean, field: string): number {
  if (typeof value !== "boolean") wrongType(value, "a boolean", field);
  return value ? 1 : 0;
}

// ── Bitfields ───────────────────────────────────────────────────────────────────────────────────────────────────────

/** `bits` bits from bit `first` counted from byte `at`, at most 32 of them, in any position. */
export function bits(m: Memory, at: number, first: number, count: number, signed: boolean): number {
  let byte = at + (first >>> 3);
  let value = m.u8[byte++]! >>> (first & 7);
  let scale = 2 ** (8 - (first & 7));
  for (let have = 8 - (first & 7); have < count; have += 8, scale *= 256) value += m.u8[byte++]! * scale;
  value %= 2 ** count;
  return signed && value >= 2 ** (count - 1) ? value - 2 ** count : value;
}

/** As `bits`, of any count up to 128. */
export function bigBits(m: Memory, at: number, first: number, count: number, signed: boolean): bigint {
  let byte = at + (first >>> 3);
  let value = BigInt(m.u8[byte++]! >>> (first & 7));
  for (let have = 8 - (first & 7); have < count; have += 8) value |= BigInt(m.u8[byte++]!) << BigInt(have);
  return signed ? BigInt.asIntN(count, value) : BigInt.asUintN(count, value);
}

/** Writes the low `count` bits of `value`, leaving their neighbours as they are. */
export function setBits(m: Memory, at: number, first: number, count: number, value: number): void {
  let rest = value < 0 ? value + 2 ** count : value;
  let byte = at + (first >>> 3);
  let shift = first & 7;
  for (let left = count; left > 0; byte++) {
    const here = Math.min(8 - shift, left);
    const mask = ((1 << here) - 1) << shift;
    m.u8[byte] = (m.u8[byte]! & ~mask) | (((rest % 2 ** here) << shift) & mask);
    rest = Math.floor(rest / 2 ** here);
    left -= here;
    shift = 0;
  }
}

/** As `setBits`, of any count up to 128. */
export function setBigBits(m: Memory, at: number, first: number, count: number, value: bigint): void {
  let rest = BigInt.asUintN(count, value);
  let done = 0;
  while (done < count) {
    const here = Math.min(24, count - done);
    setBits(m, at, first + done, here, Number(BigInt.asUintN(here, rest)));
    rest >>= BigInt(here);
    done += here;
  }
}

// ── Numbers ─────────────────────────────────────────────────────────────────────────────────────────────────────────

function number(
  ctype: string,
  size: number,
  read: (view: DataView, at: number) => number,
  write: (view: DataView, at: number, value: number) => void,
): Codec<number> {
  return {
    ctype,
    size,
    align: size,
    read: (m, at) => read(m.view, at),
    write: (m, at, value) => write(m.view, at, value),
  };
}

export const u8 = number(
  "__u8",
  1,
  (view, at) => view.getUint8(at),
  (view, at, value) => view.setUint8(at, checkInt(value, 0, 0xff, "__u8")),
);
export const i8 = number(
  "__s8",
  1,
  (view, at) => view.getInt8(at),
  (view, at, value) => view.setInt8(at, checkInt(value, -0x80, 0x7f, "__s8")),
);
export const u16 = number(
  "__u16",
  2,
  (view, at) => view.getUint16(at, true),
  (view, at, value) => view.setUint16(at, checkInt(value, 0, 0xffff, "__u16"), true),
);
export const i16 = number(
  "__s16",
  2,
  (view, at) => view.getInt16(at, true),
  (view, at, value) => view.setInt16(at, checkInt(value, -0x8000, 0x7fff, "__s16"), true),
);
export const u32 = number(
  "__u32",
  4,
  (view, at) => view.getUint32(at, true),
  (view, at, value) => view.setUint32(at, checkU32(value, "__u32"), true),
);
export const i32 = number(
  "__s32",
  4,
  (view, at) => view.getInt32(at, true),
  (view, at, value) => view.setInt32(at, checkI32(value, "__s32"), true),
);
export const f32 = number(
  "float",
  4,
  (view, at) => view.getFloat32(at, true),
  (view, at, value) => view.setFloat32(at, checkNumber(value, "float"), true),
);
export const f64 = number(
  "double",
  8,
  (view, at) => view.getFloat64(at, true),
  (view, at, value) => view.setFloat64(at, checkNumber(value, "double"), true),
);

export const bool: Codec<boolean> = {
  ctype: "_Bool",
  size: 1,
  align: 1,
  read: (m, at) => m.u8[at] !== 0,
  write: (m, at, value) => {
    m.u8[at] = checkBool(value, "_Bool");
  },
};

export const u64: Codec<bigint> = {
  ctype: "__u64",
  size: 8,
  align: 8,
  read: (m, at) => m.view.getBigUint64(at, true),
  write: (m, at, value) => m.view.setBigUint64(at, checkU64(value, "__u64"), true),
};

export const i64: Codec<bigint> = {
  ctype: "__s64",
  size: 8,
  align: 8,
  read: (m, at) => m.view.getBigInt64(at, true),
  write: (m, at, value) => m.view.setBigInt64(at, checkI64(value, "__s64"), true),
};

/** An address, in the kernel or in a process. */
export const pointer: Codec<bigint> = { ...u64, ctype: "void *" };

function wide(ctype: string, signed: boolean): Codec<bigint> {
  return {
    ctype,
    size: 16,
    align: 8,
    read: (m, at) => bigBits(m, at, 0, 128, signed),
    write: (m, at, value) => setBigBits(m, at, 0, 128, checkBig(value, signed, 128, ctype)),
  };
}

export const u128 = wide("unsigned __int128", false);
export const i128 = wide("__int128", true);

/** An enum of up to 32 bits: a number, whether it has a name or not. */
export function enumOf<E extends number>(ctype: string, base: Codec<number>): Codec<E> {
  return { ...(base as Codec<E>), ctype };
}

/** An enum of 64 bits. */
export function enum64Of<E extends bigint>(ctype: string, base: Codec<bigint>): Codec<E> {
  return { ...(base as Codec<E>), ctype };
}

// ── Strings ─────────────────────────────────────────────────────────────────────────────────────────────────────────

const decoder = new TextDecoder();
const encoder = new TextEncoder();

/**
 * Strings seen lately, found again by a hash of their bytes: process names and paths repeat, and comparing bytes with
 * a string we have is several times faster than making a new one.
 */
const SEEN = 1024;
const seen: string[] = new Array<string>(SEEN).fill("");
/** Longer strings are decoded each time, so that the table stays small. */
const SEEN_LENGTH = 64;

/** A copy is decoded: some decoders refuse shared buffers, and a frozen section's arrays are no buffers at all. */
function decode(m: Memory, at: number, length: number): string {
  return decoder.decode(m.u8.slice(at, at + length));
}

function equal(text: string, m: Memory, at: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== m.u8[at + i]) return false;
  return true;
}

/** Up to 16 ASCII characters, of 16 bytes that are there: one call without a loop beats every decoder. */
function short(b: Uint8Array, i: number, length: number): string {
  return String.fromCharCode(
    b[i]!,
    b[i + 1]!,
    b[i + 2]!,
    b[i + 3]!,
    b[i + 4]!,
    b[i + 5]!,
    b[i + 6]!,
    b[i + 7]!,
    b[i + 8]!,
    b[i + 9]!,
    b[i + 10]!,
    b[i + 11]!,
    b[i + 12]!,
    b[i + 13]!,
    b[i + 14]!,
    b[i + 15]!,
  ).slice(0, length);
}

/** A `char` array of `size` bytes as text: up to its NUL, or all of it; bytes that are not UTF-8 become U+FFFD. */
export function chars(m: Memory, at: number, size: number): string {
  const u8 = m.u8;
  let hash = 0;
  let any = 0;
  let length = 0;
  for (; length < size; length++) {
    const byte = u8[at + length]!;
    if (byte === 0) break;
    any |= byte;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (length === 0) return "";
  if (any > 0x7f || length > SEEN_LENGTH) return decode(m, at, length);
  const slot = (hash ^ (hash >>> 10)) & (SEEN - 1);
  const known = seen[slot]!;
  if (equal(known, m, at, length)) return known;
  const text = length <= 16 && size >= 16 ? short(u8, at, length) : decode(m, at, length);
  seen[slot] = text;
  return text;
}

/** Writes text and fills the rest with NULs. Throws RangeError if it does not fit; a full array has no NUL, as in C. */
export function setChars(m: Memory, at: number, size: number, value: string, field: string): void {
  if (typeof value !== "string") wrongType(value, "a string", field);
  const bytes = encoder.encode(value);
  if (bytes.length > size)
    throw new RangeError(`${field} holds ${size} bytes, and the text has ${bytes.length}`);
  m.u8.set(bytes, at);
  m.u8.fill(0, at + bytes.length, at + size);
}

/** Writes raw bytes over a `char` array and fills the rest with NULs. */
export function setBytes(m: Memory, at: number, size: number, value: Uint8Array, field: string): void {
  if (!(value instanceof Uint8Array)) wrongType(value, "a Uint8Array", field);
  if (value.length > size) throw new RangeError(`${field} holds ${size} bytes, not ${value.length}`);
  m.u8.set(value, at);
  m.u8.fill(0, at + value.length, at + size);
}

/** `char [size]`. */
export function charsOf(size: number): Codec<string> {
  const ctype = `char[${size}]`;
  return {
    ctype,
    size,
    align: 1,
    read: (m, at) => chars(m, at, size),
    write: (m, at, value) => setChars(m, at, size, value, ctype),
  };
}

/** `size` bytes of no known type. */
export function bytes(size: number): ArrayCodec<Uint8Array, Uint8Array> {
  return u8s(size);
}

// ── Arrays ──────────────────────────────────────────────────────────────────────────────────────────────────────────

type Typed =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

interface TypedClass<A> {
  readonly BYTES_PER_ELEMENT: number;
  new (buffer: ArrayBufferLike, at: number, length: number): A;
}

function checkLength(value: ArrayLike<unknown>, length: number, field: string): void {
  if (value === null || typeof value !== "object" || typeof value.length !== "number")
    wrongType(value, "an array", field);
  if (value.length !== length) throw new RangeError(`${field} has ${length} elements, not ${value.length}`);
}

function typed<A extends Typed, E>(
  Class: TypedClass<A>,
  element: Codec<E>,
  whole: (m: Memory) => { subarray(from: number, to: number): A },
): (length: number) => ArrayCodec<A, A, ArrayLike<E>> {
  return function of(length) {
    const width = Class.BYTES_PER_ELEMENT;
    const ctype = `${element.ctype}[${length}]`;
    const size = length * width;
    return {
      of,
      ctype,
      size,
      align: width,
      read: (m, at) => new Class(m.u8.slice(at, at + size).buffer, 0, length),
      // Through the memory's own array, which refuses writes where a section is constant.
      view: (m, at) => whole(m).subarray(at / width, at / width + length),
      write: (m, at, value) => {
        checkLength(value, length, ctype);
        for (let i = 0; i < length; i++) element.write(m, at + i * width, value[i]!);
      },
    };
  };
}

export const u8s = typed(Uint8Array, u8, (m) => m.u8);
export const i8s = typed(Int8Array, i8, (m) => m.i8);
export const u16s = typed(Uint16Array, u16, (m) => m.u16);
export const i16s = typed(Int16Array, i16, (m) => m.i16);
export const u32s = typed(Uint32Array, u32, (m) => m.u32);
export const i32s = typed(Int32Array, i32, (m) => m.i32);
export const u64s = typed(BigUint64Array, u64, (m) => m.u64);
export const i64s = typed(BigInt64Array, i64, (m) => m.i64);
export const f32s = typed(Float32Array, f32, (m) => m.f32);
export const f64s = typed(Float64Array, f64, (m) => m.f64);

/**
 * An array in memory whose elements no typed array can show: structs, strings, booleans, arrays. `a[i]` and `a.at(i)`
 * read, `a[i] = v` and `a.set(i, v)` write; `at` and `set` are the faster ones. An element that is a struct or an
 * array is a view itself.
 */
export class ArrayView<V, I = V> {
  readonly length: number;
  readonly #m: Memory;
  readonly #at: number;
  readonly #element: Codec<unknown, I>;
  [index: number]: V;

  constructor(m: Memory, at: number, length: number, element: Codec<unknown, I>) {
    this.length = length;
    this.#m = m;
    this.#at = at;
    this.#element = element;
  }

  at(index: number): V {
    return viewOf(this.#element, this.#m, this.#offset(index)) as V;
  }

  set(index: number, value: I): void {
    this.#element.write(this.#m, this.#offset(index), value);
  }

  *[Symbol.iterator](): IterableIterator<V> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #offset(index: number): number {
    if (!(index >= 0 && index < this.length) || Math.floor(index) !== index)
      throw new RangeError(`the array has ${this.length} elements, and no element ${index}`);
    return this.#at + index * this.#element.size;
  }
}

/** Only names that ArrayView does not have get here: the indices, at any length, without an object per array. */
const indices: ProxyHandler<object> = {
  get(target, key, receiver: ArrayView<unknown>) {
    const index = indexOf(key);
    if (index === undefined) return Reflect.get(target, key, receiver);
    return index < receiver.length ? receiver.at(index) : undefined;
  },
  set(target, key, value, receiver: ArrayView<unknown>) {
    const index = indexOf(key);
    if (index === undefined) return Reflect.set(target, key, value, receiver);
    receiver.set(index, value);
    return true;
  },
};

function indexOf(key: string | symbol): number | undefined {
  if (typeof key !== "string") return undefined;
  const index = Number(key);
  return Number.isInteger(index) && index >= 0 && String(index) === key ? index : undefined;
}

Object.setPrototypeOf(ArrayView.prototype, new Proxy(Object.create(Object.prototype) as object, indices));

function viewOf(codec: Codec<unknown, never>, m: Memory, at: number): unknown {
  if ("View" in codec) return new (codec as StructCodec<unknown, View, never>).View(m, at);
  if ("view" in codec) return (codec as ArrayCodec<unknown, unknown, never>).view(m, at);
  return codec.read(m, at);
}

function elements<T, V, I>(
  element: Codec<T, I>,
  length: number,
): ArrayCodec<T[], ArrayView<V, I>, ArrayLike<I>> {
  const ctype = `${element.ctype}[${length}]`;
  return {
    of: (other) => elements(element, other),
    ctype,
    size: element.size * length,
    align: element.align,
    read: (m, at) => {
      const values = new Array<T>(length);
      for (let i = 0; i < length; i++) values[i] = element.read(m, at + i * element.size);
      return values;
    },
    view: (m, at) => new ArrayView<V, I>(m, at, length, element),
    write: (m, at, value) => {
      checkLength(value, length, ctype);
      for (let i = 0; i < length; i++) element.write(m, at + i * element.size, value[i]!);
    },
  };
}

/** An array of values that have no view: booleans, enums, strings, 128-bit integers. */
export function arrayOf<T, I>(
  element: Codec<T, I>,
  length: number,
): ArrayCodec<T[], ArrayView<T, I>, ArrayLike<I>> {
  return elements<T, T, I>(element, length);
}

/** An array of structs. */
export function structsOf<T, V extends View, I>(
  element: StructCodec<T, V, I>,
  length: number,
): ArrayCodec<T[], ArrayView<V, I>, ArrayLike<I>> {
  return elements<T, V, I>(element, length);
}

/** An array of arrays. */
export function arraysOf<T, V, I>(
  element: ArrayCodec<T, V, I>,
  length: number,
): ArrayCodec<T[], ArrayView<V, I>, ArrayLike<I>> {
  return elements<T, V, I>(element, length);
}

/** An array of numbers that is not aligned to their width: read as a typed array, in place through an ArrayView. */
export function unaligned<A extends ArrayLike<E>, E>(
  array: ArrayCodec<A, A, ArrayLike<E>>,
  element: Codec<E>,
): ArrayCodec<A, ArrayView<E>, ArrayLike<E>> {
  return {
    ...array,
    align: 1,
    of: (length) => unaligned(array.of(length), element),
    view: (m, at) => new ArrayView<E>(m, at, array.size / element.size, element),
  };
}

/** A flexible array member, given as an array of one: as many elements as fit between `at` and `end`. */
export function flexible<T, V, I>(one: ArrayCodec<T, V, I>, at: number, end: number): ArrayCodec<T, V, I> {
  return one.of(one.size === 0 ? 0 : Math.max(0, Math.floor((end - at) / one.size)));
}

/** Where a record is written, its length is settled already: a flexible array member has to be empty there. */
export function refuseFlexible(value: ArrayLike<unknown>, field: string): void {
  if (value.length > 0)
    throw new RangeError(`${field} is a flexible array member: it is written through a view`);
}
