import { EINVAL } from "../errno.ts";
import { StateError } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { Codec, StructCodec, View } from "../spec.ts";
import { BpfMap } from "./map.ts";

/**
 * A map of type arena (Linux 6.9): up to 4 GB of memory that the program and this process share, in which both can follow
 * pointers. `maxEntries` is its size in pages. Its memory is there from load on, at the same address for both sides, in the process that
 * has made it.
 *
 * A page comes into being when the program allocates it, or when it is first read or written from here. With
 * BPF_F_SEGV_ON_FAULT among the map's flags the latter ends the process, as a wild pointer does in C.
 */
export class ArenaMap extends BpfMap {
  #mapped: Memory | undefined;

  /**
   * The whole arena in place: what is read and written is what the program sees. When the skeleton is destroyed, its arrays
   * become empty.
   *
   * @throws {@link StateError} before load, after the skeleton was destroyed, and for an arena that was pinned or took the
   * place of the skeleton's own: it has one address, which the kernel tells nobody
   */
  get memory(): Memory {
    this.needFd("mmap");
    this.#mapped ??= this.#map();
    return this.#mapped;
  }

  /**
   * The address of the arena's first byte. A pointer into the arena that the program has stored is such an address, in its
   * 64-bit form.
   *
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   */
  get base(): bigint {
    return this.session.native.address(this.memory.buffer as ArrayBuffer);
  }

  /**
   * Where in `memory` a pointer points, in bytes.
   *
   * @param pointer - as the program has stored it
   * @throws `RangeError` if it points elsewhere
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   */
  offset(pointer: bigint): number {
    const at = Number(BigInt.asUintN(64, pointer) - this.base);
    if (at >= 0 && at < this.memory.buffer.byteLength) return at;
    throw new RangeError(`0x${BigInt.asUintN(64, pointer).toString(16)} does not point into ${this.name}`);
  }

  /**
   * Reads a value.
   *
   * @param codec - its type: a struct's, which the skeleton's module exports, or one of this module
   * @param at - where it begins, in bytes, or a pointer to it
   * @throws `RangeError` if it does not lie in the arena, or not at a multiple of its alignment
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   */
  get<T>(codec: Codec<T, never>, at: number | bigint): T {
    return codec.read(this.memory, this.#place(codec, at));
  }

  /**
   * Writes a value.
   *
   * @param codec - its type
   * @param at - where it begins, in bytes, or a pointer to it
   * @param value - what is written
   * @throws `RangeError` if it does not lie in the arena, or not at a multiple of its alignment, or if the type cannot hold
   * the value
   * @throws `TypeError` for a value of the wrong type
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   */
  set<T, I>(codec: Codec<T, I>, at: number | bigint, value: I): void {
    codec.write(this.memory, this.#place(codec, at), value);
  }

  /**
   * A struct in place: its fields are read and written in the arena itself.
   *
   * @param codec - the struct's type
   * @param at - where it begins, in bytes, or a pointer to it
   * @throws `RangeError` if it does not lie in the arena, or not at a multiple of its alignment
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   */
  view<T, V extends View>(codec: StructCodec<T, V, never>, at: number | bigint): V {
    return new codec.View(this.memory, this.#place(codec, at));
  }

  #map(): Memory {
    const { native } = this.session;
    const buffer = this.index < 0 ? EINVAL : native.arena(this.session.object, this.index);
    if (typeof buffer === "number")
      throw new StateError(
        "mmap",
        `${this.name} is not the skeleton's own arena, and the kernel tells nobody else at which address it is`,
        "Read it in the process whose load() has made it.",
      );
    this.session.cleanup.add(() => native.detach(buffer));
    return new Memory(buffer);
  }

  #place({ ctype, size, align }: Codec<unknown, never>, at: number | bigint): number {
    const offset = typeof at === "bigint" ? this.offset(at) : at;
    const end = this.memory.buffer.byteLength;
    if (Number.isInteger(offset) && offset >= 0 && offset + size <= end && offset % align === 0)
      return offset;
    const why = offset % align === 0 ? `it has ${end} bytes` : `it has to be a multiple of ${align}`;
    throw new RangeError(`${this.name} has no place for ${ctype} at ${offset}: ${why}`);
  }
}
