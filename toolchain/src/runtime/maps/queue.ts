import type { Codec } from "../spec.ts";
import { BPF_ANY, BPF_EXIST, Elements } from "./elements.ts";
import { BpfMap } from "./map.ts";

/** A map of values without keys. */
abstract class Keyless<V> extends BpfMap {
  #elements: Elements<undefined, V> | undefined;

  protected get elements(): Elements<undefined, V> {
    this.#elements ??= new Elements<undefined, V>(this, undefined, this.spec.value as unknown as Codec<V>);
    return this.#elements;
  }
}

/** queue: first in, first out. */
export class QueueMap<V> extends Keyless<V> {
  /**
   * @param options with `overwrite` the oldest value makes room
   * @throws BpfError with code E2BIG if it is full
   */
  push(value: V, options: { readonly overwrite?: boolean } = {}): void {
    this.elements.set(undefined, value, options.overwrite ? BPF_EXIST : BPF_ANY);
  }

  /** Takes the next value out; undefined if there is none. */
  pop(): V | undefined {
    return this.elements.take(undefined);
  }

  /** The next value, which stays. */
  peek(): V | undefined {
    return this.elements.get(undefined);
  }
}

/** stack: last in, first out. */
export class StackMap<V> extends QueueMap<V> {}

/** bloom_filter (Linux 5.16): a set that may say yes for what was never added. */
export class BloomFilterMap<V> extends Keyless<V> {
  add(value: V): void {
    this.elements.set(undefined, value);
  }

  has(value: V): boolean {
    return this.elements.hasValue(value);
  }
}
