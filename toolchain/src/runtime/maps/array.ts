import { failure } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { Codec, StructCodec, View } from "../spec.ts";
import { BPF_ANY } from "./elements.ts";
import { FD, KeyedMap } from "./keyed.ts";
import { perCpu } from "./percpu.ts";
import { checkSizes } from "./sizes.ts";

const BPF_F_MMAPABLE = 1 << 10;

abstract class Indexed<V> extends KeyedMap<number, V> {
  /** How many elements there are, always. */
  get length(): number {
    return this.maxEntries;
  }

  /** @throws RangeError beyond the map's end */
  override get(index: number, flags = 0): V {
    const value = super.get(index, flags);
    if (value === undefined) throw new RangeError(`${this.name} has no element ${index}`);
    return value;
  }

  protected override get keyCodec(): Codec<number> {
    return FD;
  }
}

/** array. With BPF_F_MMAPABLE its elements are read and written in place, without a system call. */
export class ArrayMap<V, W extends View = View> extends Indexed<V> {
  #mapped: Memory | undefined;
  #stride = 0;
  #count = 0;

  override get(index: number, flags = 0): V {
    const memory = this.#memory;
    if (memory === undefined) return super.get(index, flags);
    return this.valueCodec.read(memory, this.#at(index));
  }

  override set(index: number, value: V, flags: number = BPF_ANY): void {
    const memory = this.#memory;
    if (memory === undefined) super.set(index, value, flags);
    else this.valueCodec.write(memory, this.#at(index), value);
  }

  /**
   * The element in place: what is read and written is the map itself, for as long as the skeleton lives.
   *
   * @throws TypeError if the map was declared without BPF_F_MMAPABLE, or its values are no structs
   */
  view(index: number): W {
    const memory = this.#memory;
    const { View } = this.spec.value as unknown as StructCodec<V, W>;
    if (memory === undefined)
      throw new TypeError(`${this.name} is not mapped: give it __uint(map_flags, BPF_F_MMAPABLE)`);
    if (View === undefined)
      throw new TypeError(`${this.name} holds ${this.spec.value?.ctype}, which has no view`);
    return new View(memory, this.#at(index));
  }

  /** All elements as memory, one at every multiple of the value's size rounded up to 8; undefined if not mapped. */
  get memory(): Memory | undefined {
    return this.#memory;
  }

  get #memory(): Memory | undefined {
    if (this.#mapped !== undefined) return this.#mapped;
    if ((this.spec.flags & BPF_F_MMAPABLE) === 0) return undefined;
    const fd = this.needFd("mmap");
    checkSizes(this, fd, FD, this.valueCodec);
    const { native } = this.session;
    const page = native.pageSize();
    this.#stride = (this.valueSize + 7) & ~7;
    this.#count = this.maxEntries;
    const size = Math.ceil((this.#stride * this.#count) / page) * page;
    const buffer = native.map(fd, 0, size, true);
    if (typeof buffer === "number") throw failure("mmap", buffer, this.name);
    this.session.cleanup.add(() => native.release(buffer, true));
    this.#mapped = new Memory(buffer);
    return this.#mapped;
  }

  #at(index: number): number {
    if (index >>> 0 === index && index < this.#count) return index * this.#stride;
    throw new RangeError(`${this.name} has no element ${index}`);
  }
}

/** percpu_array: an array of values, one for each possible CPU. */
export class PerCpuArrayMap<V> extends Indexed<V[]> {
  protected override get valueCodec(): Codec<V[]> {
    return perCpu(this.session, this.spec.value as unknown as Codec<V>);
  }
}
