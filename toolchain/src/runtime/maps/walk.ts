import { ENOENT, ENOSPC } from "../errno.ts";
import { failure } from "../errors.ts";
import { Memory } from "../memory.ts";
import { lookupEach, missing, takeEach } from "./each.ts";
import type { Elements } from "./elements.ts";

/** For how many elements the first batch has room. */
const FIRST = 256;
/** Up to how many elements, and bytes, later ones grow. More would leave the processor's caches. */
const MOST = 8192;
const MOST_BYTES = 1 << 20;

/** A map that can be walked. */
export interface Walked<K, V> {
  readonly name: string;
  readonly maxEntries: number;
  readonly elements: Elements<K, V>;
}

/**
 * What every iterator inherits, with `map`, `filter` and the like where Node has them. It is no class that could be
 * extended by its name: Node has had that name since version 22.
 */
const Base = class {} as unknown as new <T>() => IteratorObject<T, void, unknown>;
Object.setPrototypeOf(Base.prototype, Object.getPrototypeOf(Object.getPrototypeOf([][Symbol.iterator]())));

/**
 * Gives all elements of a map. They are read in batches of one system call each, or one by one where the kernel has no
 * such call. Elements that come or go meanwhile may be among them or not.
 *
 * It does what a generator function would do, and is a class because V8 compiles `next` into the loop that calls it. A
 * generator is left and entered for each element, which costs more than reading the element.
 */
export abstract class Walk<K, V, T> extends Base<T> implements Generator<T, void> {
  protected keys!: Memory;
  protected values!: Memory;
  protected key!: Elements<K, V>["key"];
  protected value!: Elements<K, V>["value"];
  readonly #map: Walked<K, V>;
  readonly #what: "lookup" | "lookupAndDelete";
  #elements: Elements<K, V> | undefined;
  #room = FIRST;
  /** The element of the batch that comes next, and how many it has. */
  #at = 0;
  #count = 0;
  /** Whether no batch follows. */
  #last = false;
  #over = false;
  /** Where a lookup starts, and where the next one has to start: a bucket's number or a key, by the type of the map. */
  #from: ArrayBuffer | undefined;
  #to: ArrayBuffer | undefined;
  /** All elements, one by one, where there are no batches. */
  #each: Iterator<[K, V], void> | undefined;

  constructor(map: Walked<K, V>, what: "lookup" | "lookupAndDelete") {
    super();
    this.#map = map;
    this.#what = what;
  }

  /** What is given of an element of the batch. */
  protected abstract at(index: number): T;

  /** What is given of an element that was read alone. */
  protected abstract of(entry: [K, V]): T;

  /** @throws {@link BpfError} with what the kernel refused */
  override next(): IteratorResult<T, void> {
    if (this.#at < this.#count) return { done: false, value: this.at(this.#at++) };
    return this.#over ? { done: true, value: undefined } : this.#more();
  }

  override return(): IteratorResult<T, void> {
    this.#end();
    return { done: true, value: undefined };
  }

  override throw(error: unknown): IteratorResult<T, void> {
    this.#end();
    throw error;
  }

  override [Symbol.iterator](): this {
    return this;
  }

  #end(): void {
    this.#over = true;
    this.#count = 0;
  }

  #more(): IteratorResult<T, void> {
    try {
      if (this.#each === undefined && this.#fetch()) return { done: false, value: this.at(this.#at++) };
      const { value, done } = this.#each?.next() ?? { value: undefined, done: true };
      if (done !== true) return { done: false, value: this.of(value!) };
    } catch (error) {
      this.#end();
      throw error;
    }
    return this.return();
  }

  /** Reads the next batch that has elements. Returns false if there is none. */
  #fetch(): boolean {
    const elements = this.#elements ?? this.#begin();
    this.#at = 0;
    this.#count = 0;
    while (this.#count === 0 && !this.#last && this.#each === undefined) {
      // What was taken out of a map is lost if nobody asks for it any more, so that batches of it stay small.
      if (this.#from !== undefined && this.#what === "lookup") this.#grow();
      this.#batch(elements);
    }
    return this.#count > 0;
  }

  #begin(): Elements<K, V> {
    const { elements } = this.#map;
    this.#elements = elements;
    this.key = elements.key;
    this.value = elements.value;
    this.#to = new ArrayBuffer(Math.max(8, elements.key.size));
    this.#allocate(FIRST);
    return elements;
  }

  #allocate(room: number): void {
    this.#room = room;
    this.keys = Memory.alloc(room * this.key.size);
    this.values = Memory.alloc(room * this.value.size);
  }

  #grow(): void {
    const room = this.#room * 2;
    if (room <= MOST && room * (this.key.size + this.value.size) <= MOST_BYTES) this.#allocate(room);
  }

  #batch(elements: Elements<K, V>): void {
    const { error, count } = elements.native.batch(this.#what, elements.fd, {
      keys: this.keys.buffer,
      values: this.values.buffer,
      count: this.#room,
      ...(this.#from && { in: this.#from }),
      out: this.#to,
    });
    // A bucket of the hash table holds more elements than there is room for.
    if (error === ENOSPC) {
      this.#allocate(this.#room * 4);
      return;
    }
    if (error === 0 || error === ENOENT) {
      this.#count = count;
      this.#last = error === ENOENT;
      [this.#from, this.#to] = [this.#to, this.#from ?? new ArrayBuffer(this.#to!.byteLength)];
      return;
    }
    const lookup = this.#what === "lookup";
    if (this.#from !== undefined || !missing(error))
      throw failure(`bpf_map_${lookup ? "lookup" : "lookup_and_delete"}_batch`, error, this.#map.name);
    const { maxEntries } = this.#map;
    this.#each = lookup ? lookupEach(elements, maxEntries) : takeEach(elements, maxEntries);
  }
}

/** Gives keys with their values. */
export class Entries<K, V> extends Walk<K, V, [K, V]> {
  protected at(index: number): [K, V] {
    const { key, value } = this;
    return [key.read(this.keys, index * key.size), value.read(this.values, index * value.size)];
  }

  protected of(entry: [K, V]): [K, V] {
    return entry;
  }
}

/** Gives keys, and leaves values as bytes. */
export class Keys<K, V> extends Walk<K, V, K> {
  protected at(index: number): K {
    return this.key.read(this.keys, index * this.key.size);
  }

  protected of([key]: [K, V]): K {
    return key;
  }
}

/** Gives values, and leaves keys as bytes. */
export class Values<K, V> extends Walk<K, V, V> {
  protected at(index: number): V {
    return this.value.read(this.values, index * this.value.size);
  }

  protected of([, value]: [K, V]): V {
    return value;
  }
}
