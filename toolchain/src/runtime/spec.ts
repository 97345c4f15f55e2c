import type { Memory } from "./memory.ts";

/**
 * What a generated `NAME.skel.ts` hands to `defineSkeleton`: the object's programs, maps and data sections as data,
 * with the code that reads and writes their types. The generator (`skeleton/`) and the runtime agree on this file, on
 * `memory.ts` and on `codec.ts`, and on nothing else.
 *
 * A generated file imports from "bpf-app/generated", which is `generated.ts`: `defineSkeleton`, everything it needs of
 * `codec.ts`, `Memory`, the types below, `Skeleton`, `Program`, `Link`, and the class of each map, which
 * `facts/map-types.ts` names with its type parameters. The maps of data sections are plain `BpfMap`s.
 */
export interface SkeletonSpec {
  /** NAME of `NAME.bpf.c`. */
  readonly name: string;
  /** `import.meta.url` of the generated file: in development NAME.node lies beside it. */
  readonly url: string;
  /** The maps by the property they appear under, in the order of the object. */
  readonly maps: Readonly<Record<string, MapSpec>>;
  /** The programs by the property they appear under, in the order of the object. */
  readonly progs: Readonly<Record<string, ProgSpec>>;
  /** Data sections by the property they appear under: bss, data, rodata, kconfig, data_hot for `.data.hot`. */
  readonly sections: Readonly<Record<string, SectionSpec>>;
  /** The numbers of the helpers that the programs call (`enum bpf_func_id`), in ascending order. */
  readonly helpers: readonly number[];
  /** Whether one register is subtracted from another one, which with pointers takes a capability. */
  readonly subtracts: boolean;
}

/**
 * Reads and writes one C type. A generated file exports the codec of each struct under the struct's name.
 *
 * `T` is what is read, `I` what may be written, which is more for structs and arrays: see {@link Init}. Offsets are in bytes, and
 * aligned to `align`; a packed type has align 1.
 */
export interface Codec<T, I = T> {
  /** The type as C spells it: `struct event`. */
  readonly ctype: string;
  /** Its size as `sizeof` gives it, in bytes. */
  readonly size: number;
  /** The alignment that reads and writes rely on, in bytes: a power of two up to 8. */
  readonly align: number;
  /**
   * Reads a plain value, which holds no reference to the memory.
   *
   * @param m - the memory that the value is in
   * @param at - where it begins
   * @param end - where the record ends, which tells how long a flexible array member is; it is empty without this
   */
  read(m: Memory, at: number, end?: number): T;
  /**
   * Writes a value. Members that are not given are zero, as in C; padding is zeroed too, so that a key compares equal to the kernel's; what belongs to the kernel (locks,
   * timers, kptrs) is left untouched.
   *
   * @param m - the memory that is written to
   * @param at - where the value begins
   * @param value - the value
   * @throws `RangeError` for a value that the type cannot hold, naming the field
   * @throws `TypeError` for a value of the wrong type, naming the field, and for a member that the type does not have
   */
  write(m: Memory, at: number, value: I): void;
}

/**
 * What a value of type `T` may be written from, as C's initialisers are: members of structs that are not given are zero,
 * and so are the elements that an array is short of. Arrays may be anything like an array.
 */
export type Init<T> =
  | T
  | (T extends string | number | bigint | boolean | undefined
      ? T
      : T extends ArrayLike<infer E>
        ? ArrayLike<Init<E>>
        : { readonly [F in keyof T]?: (F extends `${string}$bytes` ? T[F] : Init<T[F]>) | undefined });

/** The codec of a struct or union, which also has a view: accessors over the memory, at an offset that can be moved. */
export interface StructCodec<T, V extends View, I = T> extends Codec<T, I> {
  /** The class of its views, which is made of the memory and of where in it the struct begins, in bytes. */
  readonly View: new (
    m: Memory,
    at: number,
  ) => V;
  /** Whether the struct ends in a flexible array member. Its view then needs `$end`: where the record ends. */
  readonly flexible?: boolean;
  /**
   * How many bytes of it an event has at least, where the struct ends in an array: programs send that array as far as it
   * is filled. It is where the array begins; without it events have the whole size.
   */
  readonly least?: number;
}

/**
 * Accessors over memory: reading a field reads the memory at that moment. A 64-bit field `f` can also be read as
 * `f$number`, which is exact up to 2^53 and needs no bigint. A `char` array `s` is a string whose bytes are `s$bytes`, in
 * place. A plain value has `s$bytes`, a copy, only where the text does not say all of them: where it is no UTF-8, or goes
 * on after the NUL. If the latter is all, and the text lies in no union and no map's key, the property is not enumerable.
 *
 * The names of its own begin with `$`, which no identifier of C does.
 */
export interface View {
  /** The memory that the fields are in. */
  $m: Memory;
  /** Where in the memory the struct begins, in bytes. */
  $at: number;
  /**
   * Where in the memory the record ends, in bytes, for a struct with a flexible array member. For a section that was made
   * larger it is the section's size, which says how long its last array is.
   */
  $end?: number;
}

/** A map as the object defines it. Sizes are in bytes. */
export interface MapSpec {
  /** The name in the object. The property may differ from it, where the name is no JavaScript identifier. */
  readonly name: string;
  /** The name of its type, that of `enum bpf_map_type` without its prefix and in lower case: hash, ringbuf. */
  readonly type: string;
  /** Reads and writes its keys, where their type is known. */
  readonly key?: Codec<unknown, never>;
  /**
   * Reads and writes its values, where their type is known. For ringbuf, user_ringbuf and perf_event_array it is that of
   * the events, from `__type(value, …)` or `BPF_APP_EVENT`. The kernel wants a value size of 0 for the rings and of 4 for
   * perf_event_array: if `valueSize` differs from that, the runtime calls bpf_map__set_value_size before load.
   */
  readonly value?: Codec<unknown, never>;
  /** The size of a key as declared; 0 where the definition leaves it out. */
  readonly keySize: number;
  /** The size of a value as declared; 0 where the definition leaves it out. */
  readonly valueSize: number;
  /** The largest number of elements; for a ring buffer its size. */
  readonly maxEntries: number;
  /** The `map_flags` of its definition, such as BPF_F_MMAPABLE. */
  readonly flags: number;
  /** What each inner map of an array_of_maps or hash_of_maps is like. The name of this one is empty. */
  readonly inner?: MapSpec;
  /** The data section that the map holds: `.bss`. It is also the map's name. */
  readonly section?: string;
  /**
   * Where the 64-bit counter of failed reserves is that `BPF_APP_DROPS` declares: a property of `sections`, and an offset
   * in that section, in bytes.
   */
  readonly dropped?: { readonly section: string; readonly offset: number };
}

/** A program as the object defines it. */
export interface ProgSpec {
  /** The name in the object. */
  readonly name: string;
  /** The SEC() string. */
  readonly section: string;
}

/** A data section of the object. */
export interface SectionSpec {
  /** The name of the ELF section, `.bss`, by which bpf_object__find_map_by_name finds its map; the arena's own name. */
  readonly map: string;
  /** Whether it lies in the arena. */
  readonly arena?: true;
  /** The section's size in bytes. */
  readonly size: number;
  /** The class of its view. */
  readonly View: new (
    m: Memory,
    at: number,
  ) => View;
}
