import type { Memory } from "../memory.ts";
import type { Codec, StructCodec, View } from "../spec.ts";
import { type ArrayCodec, ArrayView } from "./array-view.ts";
import { wrongType } from "./checks.ts";
import { f32, f64, i8, i16, i32, i64, u8, u16, u32, u64 } from "./numbers.ts";
import { zero } from "./zero.ts";

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

/** An array may be given with fewer elements than it has: the others are zero, as those of an initialiser in C are. */
function checkLength(value: ArrayLike<unknown>, length: number, field: string): void {
  if (value === null || typeof value !== "object" || typeof value.length !== "number")
    wrongType(value, "an array", field);
  if (value.length > length) throw new RangeError(`${field} has ${length} elements, not ${value.length}`);
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
      element,
      ctype,
      size,
      align: width,
      read: (m, at) => new Class(m.u8.slice(at, at + size).buffer, 0, length),
      // The view is made by the memory's own array, which refuses writes where a section is constant.
      view: (m, at) => whole(m).subarray(at / width, at / width + length),
      write: (m, at, value) => {
        checkLength(value, length, ctype);
        // A number would not give back every bit of a float.
        if (value instanceof Class) m.u8.set(bytesOf(value as unknown as Typed), at);
        else for (let i = 0; i < value.length; i++) element.write(m, at + i * width, value[i]!);
        m.u8.fill(0, at + value.length * width, at + size);
      },
    };
  };
}

function bytesOf({ buffer, byteOffset, byteLength }: Typed): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

// Each makes the codec of an array of that length, whose value is a typed array.
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

function elements<T, V, I>(
  element: Codec<T, I>,
  length: number,
): ArrayCodec<T[], ArrayView<V, I>, ArrayLike<I>> {
  const ctype = `${element.ctype}[${length}]`;
  return {
    of: (other) => elements(element, other),
    element,
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
      for (let i = 0; i < value.length; i++) element.write(m, at + i * element.size, value[i]!);
      for (let i = value.length; i < length; i++)
        element.write(m, at + i * element.size, zero(element) as never);
    },
  };
}

/** The codec of an array of values that have no view: booleans, enums, strings, 128-bit integers. */
export function arrayOf<T, I>(
  element: Codec<T, I>,
  length: number,
): ArrayCodec<T[], ArrayView<T, I>, ArrayLike<I>> {
  return elements<T, T, I>(element, length);
}

/** The codec of an array of structs. */
export function structsOf<T, V extends View, I>(
  element: StructCodec<T, V, I>,
  length: number,
): ArrayCodec<T[], ArrayView<V, I>, ArrayLike<I>> {
  return elements<T, V, I>(element, length);
}

/** The codec of an array of arrays. */
export function arraysOf<T, V, I>(
  element: ArrayCodec<T, V, I>,
  length: number,
): ArrayCodec<T[], ArrayView<V, I>, ArrayLike<I>> {
  return elements<T, V, I>(element, length);
}

/**
 * The codec of an array of numbers that is not aligned to their width. It is read as a typed array, and used in place
 * through an ArrayView.
 */
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

/** The codec of a flexible array member, made of that of one element: as many as fit between `at` and `end`. */
export function flexible<T, V, I>(one: ArrayCodec<T, V, I>, at: number, end: number): ArrayCodec<T, V, I> {
  return one.of(one.size === 0 ? 0 : Math.max(0, Math.floor((end - at) / one.size)));
}

/**
 * Checks that a flexible array member is empty in a value that is written: by then the record's length is settled.
 *
 * @throws `RangeError` if it is not
 */
export function refuseFlexible(value: ArrayLike<unknown> | undefined, field: string): void {
  if (value !== undefined && value.length > 0)
    throw new RangeError(`${field} is a flexible array member: it is written through a view`);
}

/**
 * The codec of bytes whose type is not known.
 *
 * @param size - how many there are
 */
export function bytes(size: number): ArrayCodec<Uint8Array, Uint8Array> {
  return u8s(size);
}
