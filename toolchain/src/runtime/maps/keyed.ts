import type { Codec } from "../spec.ts";
import { deleteBatch, lookupBatch, updateBatch } from "./batch.ts";
import { BPF_ANY, Elements } from "./elements.ts";
import { BpfMap } from "./map.ts";
import { perCpu } from "./percpu.ts";

/** A map from keys to values. Keys and values are copied on the way in and out. */
export abstract class KeyedMap<K, V> extends BpfMap implements Iterable<[K, V]> {
  #elements: Elements<K, V> | undefined;

  /** The value, or undefined if there is none. `flags` can be BPF_F_LOCK. */
  get(key: K, flags = 0): V | undefined {
    return this.elements.get(key, flags);
  }

  /**
   * @param flags BPF_ANY, BPF_NOEXIST or BPF_EXIST, and BPF_F_LOCK
   * @throws BpfError with code EEXIST or ENOENT as the flags say, E2BIG if the map is full
   */
  set(key: K, value: V, flags: number = BPF_ANY): void {
    this.elements.set(key, value, flags);
  }

  has(key: K): boolean {
    return this.elements.has(key);
  }

  /** Whether it was there. */
  delete(key: K): boolean {
    return this.elements.delete(key);
  }

  *entries(): Generator<[K, V], void> {
    yield* lookupBatch(this.elements, this.name, "lookup", this.maxEntries);
  }

  *keys(): Generator<K, void> {
    for (const [key] of this.entries()) yield key;
  }

  *values(): Generator<V, void> {
    for (const [, value] of this.entries()) yield value;
  }

  [Symbol.iterator](): Generator<[K, V], void> {
    return this.entries();
  }

  /** Many at once: one system call where the kernel can (Linux 5.6). */
  updateBatch(entries: Iterable<readonly [K, V]>, flags: number = BPF_ANY): void {
    updateBatch(this.elements, this.name, [...entries], flags);
  }

  /** @internal */
  get elements(): Elements<K, V> {
    if (this.#elements === undefined || this.session.state === "destroyed") this.#elements = this.open();
    return this.#elements;
  }

  protected open(): Elements<K, V> {
    return new Elements(this, this.keyCodec, this.valueCodec);
  }

  protected get keyCodec(): Codec<K> {
    return this.spec.key as unknown as Codec<K>;
  }

  protected get valueCodec(): Codec<V> {
    return this.spec.value as unknown as Codec<V>;
  }
}

/** hash, lru_hash */
export class HashMap<K, V> extends KeyedMap<K, V> {
  /** The value, which is removed (Linux 5.14). */
  lookupAndDelete(key: K, flags = 0): V | undefined {
    return this.elements.take(key, flags);
  }

  /** Takes everything out. */
  *lookupAndDeleteBatch(): Generator<[K, V], void> {
    yield* lookupBatch(this.elements, this.name, "lookupAndDelete", this.maxEntries);
  }

  /** How many of the keys were there. */
  deleteBatch(keys: Iterable<K>): number {
    return deleteBatch(this.elements, this.name, [...keys]);
  }

  clear(): void {
    this.deleteBatch(this.keys());
  }
}

/** lpm_trie: keys are structs of a prefix length and the bits; `get` finds the longest prefix that matches. */
export class LpmTrieMap<K, V> extends HashMap<K, V> {}

/** percpu_hash, lru_percpu_hash: an array of values, one for each possible CPU. */
export class PerCpuHashMap<K, V> extends HashMap<K, V[]> {
  protected override get valueCodec(): Codec<V[]> {
    return perCpu(this.session, this.spec.value as unknown as Codec<V>);
  }
}

/** sk_storage, inode_storage, task_storage, cgrp_storage: keys are file descriptors (pidfds for tasks). */
export class LocalStorageMap<V> extends BpfMap {
  #elements: Elements<number, V> | undefined;

  get(fd: number): V | undefined {
    return this.#open.get(fd);
  }

  set(fd: number, value: V, flags: number = BPF_ANY): void {
    this.#open.set(fd, value, flags);
  }

  delete(fd: number): boolean {
    return this.#open.delete(fd);
  }

  get #open(): Elements<number, V> {
    this.#elements ??= new Elements(this, FD, this.spec.value as unknown as Codec<V>);
    return this.#elements;
  }
}

/** A file descriptor as a map's key or value. */
export const FD: Codec<number> = {
  ctype: "int",
  size: 4,
  align: 4,
  read: (m, at) => m.u32[at >>> 2]!,
  write: (m, at, value) => {
    m.u32[at >>> 2] = value;
  },
};
