import type { Memory } from "../memory.ts";
import type { Codec, StructCodec, View } from "../spec.ts";

/** A codec whose value can also be used in place. */
export interface ArrayCodec<T, V, I = T> extends Codec<T, I> {
  view(m: Memory, at: number): V;
  /** An array of the same elements and another length. */
  of(length: number): ArrayCodec<T, V, I>;
}

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
