import type { Memory } from "../memory.ts";
import type { Codec, StructCodec, View } from "../spec.ts";

/** The codec of an array, which can also be used in place. `T` is what is read, `V` its view, `I` what may be written. */
export interface ArrayCodec<T, V, I = T> extends Codec<T, I> {
  /**
   * The array in place.
   *
   * @param m - the memory that the array is in
   * @param at - where it begins, in bytes
   */
  view(m: Memory, at: number): V;
  /** The codec of an element. */
  readonly element: Codec<unknown, never>;
  /** The codec of an array of the same elements and another length. */
  of(length: number): ArrayCodec<T, V, I>;
}

/**
 * An array in memory whose elements no typed array can show: structs, strings, booleans, arrays. `a[i]` and `a.at(i)`
 * read, `a[i] = v` and `a.set(i, v)` write; `at` and `set` are the faster ones. An element that is a struct or an
 * array is a view itself.
 */
export class ArrayView<V, I = V> {
  /** How many elements there are. */
  readonly length: number;
  readonly #m: Memory;
  readonly #at: number;
  readonly #element: Codec<unknown, I>;
  /** The element at that index, to be read or written; undefined beyond the end. */
  [index: number]: V;

  /** @internal */
  constructor(m: Memory, at: number, length: number, element: Codec<unknown, I>) {
    this.length = length;
    this.#m = m;
    this.#at = at;
    this.#element = element;
  }

  /**
   * Reads an element.
   *
   * @param index - counted from 0; negative ones are not accepted
   * @throws `RangeError` if there is no element of that index
   */
  at(index: number): V {
    return viewOf(this.#element, this.#m, this.#offset(index)) as V;
  }

  /**
   * Writes an element.
   *
   * @param index - counted from 0; negative ones are not accepted
   * @throws `RangeError` if there is no element of that index, or its type cannot hold the value
   * @throws `TypeError` for a value of the wrong type
   */
  set(index: number, value: I): void {
    this.#element.write(this.#m, this.#offset(index), value);
  }

  /** The elements in their order. */
  *[Symbol.iterator](): IterableIterator<V> {
    for (let i = 0; i < this.length; i++) yield this.at(i);
  }

  #offset(index: number): number {
    if (!(index >= 0 && index < this.length) || Math.floor(index) !== index)
      throw new RangeError(`the array has ${this.length} elements, and no element ${index}`);
    return this.#at + index * this.#element.size;
  }
}

/**
 * Gives an ArrayView its indices. It is the prototype of ArrayView's prototype, so that only names get here which
 * ArrayView does not have, and no array needs an object of its own for them.
 */
const indices: ProxyHandler<object> = {
  get(target, key, receiver: ArrayView<unknown>) {
    const index = indexOf(key);
    if (index === undefined) return Reflect.get(target, key, receiver);
    return index < receiver.length ? receiver.at(index) : undefined;
  },
  set(_target, key, value, receiver: ArrayView<unknown>) {
    const index = indexOf(key);
    if (index === undefined) throw new TypeError(`an array has no property ${String(key)}`);
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
