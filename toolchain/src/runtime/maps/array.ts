import { failure } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { Codec, Init, StructCodec, View } from "../spec.ts";
import { BPF_ANY } from "./elements.ts";
import { FD, KeyedMap } from "./keyed.ts";
import { perCpu } from "./per-cpu.ts";
import { checkSizes } from "./sizes.ts";

/** Says that the map's memory can be mapped (linux/bpf.h, since Linux 5.5). */
const BPF_F_MMAPABLE = 1 << 10;

/** A map of elements that are always there, by their index. */
export abstract class IndexedMap<V> extends KeyedMap<number, V> {
  /** How many elements there are. It is the same as `maxEntries`. */
  get length(): number {
    return this.maxEntries;
  }

  /**
   * Reads an element.
   *
   * @param index - counted from 0
   * @param flags - BPF_F_LOCK or 0
   * @throws `RangeError` if there is no element of that index
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   */
  override get(index: number, flags = 0): V {
    const value = super.get(index, flags);
    if (value === undefined) throw new RangeError(`${this.name} has no element ${index}`);
    return value;
  }

  /** @internal */
  protected override get keyCodec(): Codec<number> {
    return FD;
  }
}

/**
 * A map of type array. With BPF_F_MMAPABLE among its flags (Linux 5.5) its elements are read and written in place, without
 * a system call. `V` is an element as a plain value, `W` its view.
 */
export class ArrayMap<V, W extends View = View> extends IndexedMap<V> {
  #mapped: Memory | undefined;
  #stride = 0;
  #count = 0;

  /**
   * Reads an element.
   *
   * @param index - counted from 0
   * @param flags - BPF_F_LOCK or 0; ignored where elements are read in place
   * @throws `RangeError` if there is no element of that index
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   */
  override get(index: number, flags = 0): V {
    const memory = this.#memory;
    if (memory === undefined) return super.get(index, flags);
    return this.valueCodec.read(memory, this.#at(index));
  }

  /**
   * Writes an element.
   *
   * @param index - counted from 0
   * @param value - the element's new value
   * @param flags - BPF_ANY, BPF_EXIST or BPF_F_LOCK; ignored where elements are written in place
   * @throws {@link BpfError} with code `E2BIG` if there is no element of that index
   * @throws `RangeError` if there is none and elements are written in place, or if the type cannot hold the value
   * @throws `TypeError` for a value of the wrong type
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   */
  override set(index: number, value: Init<V>, flags: number = BPF_ANY): void {
    const memory = this.#memory;
    if (memory === undefined) super.set(index, value, flags);
    else this.valueCodec.write(memory, this.#at(index), value);
  }

  /**
   * The element in place: what is read and written is the map itself, for as long as the skeleton lives. After that the
   * view has the last values.
   *
   * @param index - counted from 0
   * @throws `TypeError` if the map was declared without BPF_F_MMAPABLE, or its values are no structs
   * @throws `RangeError` if there is no element of that index
   * @throws {@link StateError} before load, or after the skeleton was destroyed
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

  /**
   * All elements in place: an element begins at each multiple of the value's size, rounded up to a multiple of 8 bytes.
   * Undefined if the map was declared without BPF_F_MMAPABLE.
   */
  get memory(): Memory | undefined {
    return this.#memory;
  }

  get #memory(): Memory | undefined {
    if (this.#mapped !== undefined) return this.#mapped;
    if ((this.spec.flags & BPF_F_MMAPABLE) === 0) return undefined;
    const fd = this.needFd("mmap");
    checkSizes(this, FD, this.valueCodec);
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

/** A map of type percpu_array. An element is an array of values, one for each possible CPU. */
export class PerCpuArrayMap<V> extends IndexedMap<V[]> {
  /** @internal */
  protected override get valueCodec(): Codec<V[], Init<V[]>> {
    return perCpu(this.session, this.spec.value as unknown as Codec<V, Init<V>>);
  }
}
