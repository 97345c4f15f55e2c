import { ENOENT } from "../errno.ts";
import { failure } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { ElementsHandle, Native } from "../native.ts";
import type { Codec, Init } from "../spec.ts";
import type { BpfMap } from "./map.ts";
import { checkSizes } from "./sizes.ts";

/** Tells `set` to write the element whether its key is there or not (linux/bpf.h). */
export const BPF_ANY = 0;
/** Tells `set` to write the element only if its key is not there; otherwise the error is `EEXIST` (linux/bpf.h). */
export const BPF_NOEXIST = 1;
/** Tells `set` to write the element only if its key is there; otherwise the error is `ENOENT` (linux/bpf.h). */
export const BPF_EXIST = 2;
/** Tells `get` and `set` to hold the bpf_spin_lock in the value meanwhile (linux/bpf.h). Needs Linux 5.1. */
export const BPF_F_LOCK = 4;

/** The codec of the key of a map that has no keys. */
const NO_KEY: Codec<undefined> = { ctype: "void", size: 0, align: 1, read: () => undefined, write: () => {} };

/**
 * Access to a map's elements, one call to the addon for each. Key and value travel in memory that both sides share: the
 * key at its start, the value behind it, then the next key of an iteration.
 */
export class Elements<K, V> {
  readonly native: Native;
  readonly fd: number;
  readonly memory: Memory;
  readonly valueAt: number;
  readonly nextAt: number;
  readonly key: Codec<K, Init<K>>;
  readonly value: Codec<V, Init<V>>;
  readonly #handle: ElementsHandle;
  readonly #name: string;

  /**
   * @param key - undefined for queues, stacks and Bloom filters, which have no keys
   * @throws `TypeError` if keys or values are not as large as the map's
   */
  constructor(map: BpfMap, key: Codec<K, Init<K>> | undefined, value: Codec<V, Init<V>>) {
    this.native = map.session.native;
    this.fd = map.needFd("bpf_map_lookup_elem");
    this.#name = map.name;
    checkSizes(map, key, value);
    this.key = key ?? (NO_KEY as unknown as Codec<K, Init<K>>);
    this.value = value;
    this.valueAt = align(this.key.size);
    this.nextAt = this.valueAt + align(value.size);
    const buffer = new ArrayBuffer(this.nextAt + align(this.key.size) + 8);
    this.memory = new Memory(buffer);
    this.#handle = this.native.elementsOpen(this.fd, buffer, this.valueAt, key ? this.nextAt : -1);
    map.session.cleanup.add(() => this.native.elementsClose(this.#handle));
  }

  get(key: Init<K>, flags = 0): V | undefined {
    this.key.write(this.memory, 0, key);
    const error = this.native.lookup(this.#handle, flags);
    if (error === 0) return this.value.read(this.memory, this.valueAt);
    return this.#absent("bpf_map_lookup_elem", error);
  }

  take(key: Init<K>, flags = 0): V | undefined {
    this.key.write(this.memory, 0, key);
    const error = this.native.lookupAndDelete(this.#handle, flags);
    if (error === 0) return this.value.read(this.memory, this.valueAt);
    return this.#absent("bpf_map_lookup_and_delete_elem", error);
  }

  has(key: Init<K>): boolean {
    this.key.write(this.memory, 0, key);
    const error = this.native.lookup(this.#handle, 0);
    return error === 0 || this.#absent("bpf_map_lookup_elem", error) !== undefined;
  }

  /** Whether a Bloom filter may have the value, with which it is asked in place of a key. */
  hasValue(value: Init<V>): boolean {
    this.value.write(this.memory, this.valueAt, value);
    const error = this.native.lookup(this.#handle, 0);
    return error === 0 || this.#absent("bpf_map_lookup_elem", error) !== undefined;
  }

  set(key: Init<K>, value: Init<V>, flags = BPF_ANY): void {
    this.key.write(this.memory, 0, key);
    this.value.write(this.memory, this.valueAt, value);
    const error = this.native.update(this.#handle, flags);
    if (error !== 0) throw failure("bpf_map_update_elem", error, this.#name);
  }

  delete(key: Init<K>): boolean {
    this.key.write(this.memory, 0, key);
    const error = this.native.delete(this.#handle, 0);
    return error === 0 || this.#absent("bpf_map_delete_elem", error) !== undefined;
  }

  /**
   * Reads the first key, or the one after the key that was read before. It is at the beginning of the memory afterwards.
   *
   * @returns false if there are no more
   */
  advance(first: boolean): boolean {
    const error = this.native.nextKey(this.#handle, first ? 0 : 1);
    if (error !== 0) {
      this.#absent("bpf_map_get_next_key", error);
      return false;
    }
    this.memory.u8.copyWithin(0, this.nextAt, this.nextAt + this.key.size);
    return true;
  }

  #absent(call: string, error: number): undefined {
    if (error === ENOENT) return undefined;
    throw failure(call, error, this.#name);
  }
}

function align(size: number): number {
  return (size + 7) & ~7;
}
