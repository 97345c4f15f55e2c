import type { Codec, Init } from "../spec.ts";
import { deleteBatch, updateBatch } from "./batch.ts";
import { BPF_ANY, Elements } from "./elements.ts";
import { BpfMap } from "./map.ts";
import { perCpu } from "./per-cpu.ts";
import { Entries, Keys, Values } from "./walk.ts";

/** The codec of a file descriptor or an index, as a map's key or value. */
export const FD: Codec<number> = {
  ctype: "int",
  size: 4,
  align: 4,
  read: (m, at) => m.u32[at >>> 2]!,
  write: (m, at, value) => {
    m.u32[at >>> 2] = value;
  },
};

/** The same as an array, which is not copied if it is one. */
function listOf<T>(all: Iterable<T>): readonly T[] {
  return Array.isArray(all) ? all : [...all];
}

/**
 * A map from keys to values, which are copied on the way in and out. Before load, and after the skeleton was destroyed,
 * every method throws a {@link StateError}. A key or value that its type cannot hold is a `RangeError` or a `TypeError`.
 */
export abstract class KeyedMap<K, V> extends BpfMap implements Iterable<[K, V]> {
  #elements: Elements<K, V> | undefined;

  /**
   * Reads a value.
   *
   * @param key - the key
   * @param flags - BPF_F_LOCK or 0
   * @returns undefined if the key is not there
   * @throws {@link BpfError} with what the kernel refused
   */
  get(key: Init<K>, flags = 0): V | undefined {
    return this.elements.get(key, flags);
  }

  /**
   * Writes a value.
   *
   * @param key - the key
   * @param value - the value
   * @param flags - BPF_ANY, BPF_NOEXIST or BPF_EXIST, and BPF_F_LOCK
   * @throws {@link BpfError} with code `EEXIST` or `ENOENT` as the flags say, `E2BIG` if the map is full
   */
  set(key: Init<K>, value: Init<V>, flags: number = BPF_ANY): void {
    this.elements.set(key, value, flags);
  }

  /**
   * Whether the key is there.
   *
   * @throws {@link BpfError} with what the kernel refused
   */
  has(key: Init<K>): boolean {
    return this.elements.has(key);
  }

  /**
   * Deletes the element of a key.
   *
   * @returns whether the key was there
   * @throws {@link BpfError} with what the kernel refused
   */
  delete(key: Init<K>): boolean {
    return this.elements.delete(key);
  }

  /**
   * Yields all keys and values, by batch calls where the kernel has them (Linux 5.6). Elements that come or go meanwhile
   * may be among them or not.
   *
   * @throws {@link BpfError} with what the kernel refused
   */
  entries(): Generator<[K, V], void> {
    return new Entries<K, V>(this, "lookup");
  }

  /**
   * Yields all keys, as `entries` does.
   *
   * @throws {@link BpfError} with what the kernel refused
   */
  keys(): Generator<K, void> {
    return new Keys<K, V>(this, "lookup");
  }

  /**
   * Yields all values, as `entries` does.
   *
   * @throws {@link BpfError} with what the kernel refused
   */
  values(): Generator<V, void> {
    return new Values<K, V>(this, "lookup");
  }

  /** Does the same as `entries`. */
  [Symbol.iterator](): Generator<[K, V], void> {
    return this.entries();
  }

  /**
   * Writes many values, by batch calls where the kernel has them (Linux 5.6).
   *
   * @param entries - keys and values
   * @param flags - BPF_ANY, BPF_NOEXIST or BPF_EXIST, and BPF_F_LOCK, for each of them
   * @throws {@link BpfError} with what the kernel refused; how many were written before is not known
   */
  updateBatch(entries: Iterable<readonly [Init<K>, Init<V>]>, flags: number = BPF_ANY): void {
    updateBatch(this.elements, this.name, listOf(entries), flags);
  }

  /** @internal */
  get elements(): Elements<K, V> {
    if (this.#elements === undefined || this.session.state === "destroyed") this.#elements = this.open();
    return this.#elements;
  }

  /** @internal */
  protected open(): Elements<K, V> {
    return new Elements(this, this.keyCodec, this.valueCodec);
  }

  /** @internal */
  protected get keyCodec(): Codec<K, Init<K>> {
    return this.spec.key as unknown as Codec<K, Init<K>>;
  }

  /** @internal */
  protected get valueCodec(): Codec<V, Init<V>> {
    return this.spec.value as unknown as Codec<V, Init<V>>;
  }
}

/** A map of type hash or lru_hash. */
export class HashMap<K, V> extends KeyedMap<K, V> {
  /**
   * Takes a value out of the map. Needs Linux 5.14.
   *
   * @param key - the key
   * @param flags - BPF_F_LOCK or 0
   * @returns the value that was there; undefined if the key was not
   * @throws {@link BpfError} with what the kernel refused
   */
  lookupAndDelete(key: Init<K>, flags = 0): V | undefined {
    return this.elements.take(key, flags);
  }

  /**
   * Takes all elements out of the map and yields them, by batch calls where the kernel has them (Linux 5.6). If the
   * iteration ends early, up to 255 elements more than were yielded have been taken out.
   *
   * @throws {@link BpfError} with what the kernel refused
   */
  lookupAndDeleteBatch(): Generator<[K, V], void> {
    return new Entries<K, V>(this, "lookupAndDelete");
  }

  /**
   * Deletes many elements, by batch calls where the kernel has them (Linux 5.6).
   *
   * @returns how many of the keys were there
   * @throws {@link BpfError} with what the kernel refused
   */
  deleteBatch(keys: Iterable<Init<K>>): number {
    return deleteBatch(this.elements, this.name, listOf(keys));
  }

  /**
   * Deletes all elements.
   *
   * @throws {@link BpfError} with what the kernel refused
   */
  clear(): void {
    this.deleteBatch(this.keys());
  }
}

/**
 * A map of type lpm_trie. A key is a struct of the prefix's length in bits (`__u32`) and its bytes, in network order
 * (`struct bpf_lpm_trie_key` of linux/bpf.h). `get` finds the longest prefix that matches.
 */
export class LpmTrieMap<K, V> extends HashMap<K, V> {}

/** A map of type percpu_hash or lru_percpu_hash. A value is an array of values, one for each possible CPU. */
export class PerCpuHashMap<K, V> extends HashMap<K, V[]> {
  /** @internal */
  protected override get valueCodec(): Codec<V[], Init<V[]>> {
    return perCpu(this.session, this.spec.value as unknown as Codec<V, Init<V>>);
  }
}

/**
 * A map of type sk_storage, inode_storage, task_storage or cgrp_storage. A key is a file descriptor: of a socket, a file,
 * a process (pidfd_open(2)) or a cgroup's directory. Before load, and after the skeleton was destroyed, every method throws
 * a {@link StateError} or another {@link BpfError}.
 */
export class LocalStorageMap<V> extends BpfMap {
  #elements: Elements<number, V> | undefined;

  /**
   * Reads the value of what is open under a descriptor.
   *
   * @returns undefined if it has none
   * @throws {@link BpfError} with what the kernel refused
   */
  get(fd: number): V | undefined {
    return this.#open.get(fd);
  }

  /**
   * Writes the value of what is open under a descriptor.
   *
   * @param fd - the descriptor
   * @param value - the value
   * @param flags - BPF_ANY, BPF_NOEXIST or BPF_EXIST, and BPF_F_LOCK
   * @throws {@link BpfError} with what the kernel refused
   * @throws `RangeError` or `TypeError` for a value that its type cannot hold
   */
  set(fd: number, value: Init<V>, flags: number = BPF_ANY): void {
    this.#open.set(fd, value, flags);
  }

  /**
   * Deletes the value of what is open under a descriptor.
   *
   * @returns whether it had one
   * @throws {@link BpfError} with what the kernel refused
   */
  delete(fd: number): boolean {
    return this.#open.delete(fd);
  }

  get #open(): Elements<number, V> {
    this.#elements ??= new Elements(this, FD, this.spec.value as unknown as Codec<V, Init<V>>);
    return this.#elements;
  }
}
