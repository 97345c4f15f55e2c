import type { Codec, Init } from "../spec.ts";
import { BPF_ANY, BPF_EXIST, Elements } from "./elements.ts";
import { BpfMap } from "./map.ts";

/**
 * A map of values without keys. Before load, and after the skeleton was destroyed, every method throws a
 * {@link StateError} or another {@link BpfError}.
 */
export abstract class KeylessMap<V> extends BpfMap {
  #elements: Elements<undefined, V> | undefined;

  /** @internal */
  protected get elements(): Elements<undefined, V> {
    this.#elements ??= new Elements<undefined, V>(
      this,
      undefined,
      this.spec.value as unknown as Codec<V, Init<V>>,
    );
    return this.#elements;
  }
}

/** A map of type queue: what was put in first comes out first. Needs Linux 4.20. */
export class QueueMap<V> extends KeylessMap<V> {
  /**
   * Puts a value in.
   *
   * @param value - the value
   * @param options - with `overwrite` the oldest value makes room for it
   * @throws {@link BpfError} with code `E2BIG` if the map is full
   * @throws `RangeError` or `TypeError` for a value that its type cannot hold
   */
  push(value: Init<V>, options: { readonly overwrite?: boolean } = {}): void {
    this.elements.set(undefined, value, options.overwrite ? BPF_EXIST : BPF_ANY);
  }

  /**
   * Takes the next value out.
   *
   * @returns undefined if there is none
   * @throws {@link BpfError} with what the kernel refused
   */
  pop(): V | undefined {
    return this.elements.take(undefined);
  }

  /**
   * Reads the next value, which stays.
   *
   * @returns undefined if there is none
   * @throws {@link BpfError} with what the kernel refused
   */
  peek(): V | undefined {
    return this.elements.get(undefined);
  }
}

/** A map of type stack: what was put in last comes out first. Needs Linux 4.20. */
export class StackMap<V> extends QueueMap<V> {}

/** A map of type bloom_filter: a set that may say yes for a value that was never added. Needs Linux 5.16. */
export class BloomFilterMap<V> extends KeylessMap<V> {
  /**
   * Adds a value. It cannot be taken out again.
   *
   * @throws {@link BpfError} with what the kernel refused
   * @throws `RangeError` or `TypeError` for a value that its type cannot hold
   */
  add(value: Init<V>): void {
    this.elements.set(undefined, value);
  }

  /**
   * Whether the value may have been added. `false` is certain.
   *
   * @throws {@link BpfError} with what the kernel refused
   */
  has(value: Init<V>): boolean {
    return this.elements.hasValue(value);
  }
}
