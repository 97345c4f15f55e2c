import type { Memory } from "./memory.ts";

/**
 * What a generated `NAME.skel.ts` hands to `defineSkeleton`: the object's programs, maps and data sections as data,
 * with the code that reads and writes their types. The generator (`skeleton/`) and the runtime agree on this file, on
 * `memory.ts` and on `codec.ts`, and on nothing else.
 *
 * A generated file imports from "bpf-app/generated": `defineSkeleton`, everything it needs of `codec.ts`, `Memory`, the
 * types below, `Skeleton`, `Program`, `Link`, and the class of each map, which `facts/map-types.ts` names with its type
 * parameters. The maps of data sections are plain `BpfMap`s.
 */
export interface SkeletonSpec {
  /** NAME of `NAME.bpf.c`. */
  readonly name: string;
  /** `import.meta.url` of the generated file: in development NAME.node lies beside it. */
  readonly url: string;
  /** By property name; order as in the object. */
  readonly maps: Readonly<Record<string, MapSpec>>;
  readonly progs: Readonly<Record<string, ProgSpec>>;
  /** Data sections by the property they appear under: bss, data, rodata, kconfig, data_hot for `.data.hot`. */
  readonly sections: Readonly<Record<string, SectionSpec>>;
}

/**
 * Reads and writes one C type; `I` is what may be written, which differs from what is read where a union is inside.
 * `at` is a byte offset, aligned to `align` (a packed type has align 1). A sample of a perf buffer starts at 4 modulo 8:
 * the runtime copies it to aligned memory first.
 */
export interface Codec<T, I = T> {
  /** As C spells it: `struct event`. */
  readonly ctype: string;
  /** sizeof, in bytes. */
  readonly size: number;
  readonly align: number;
  /**
   * A plain value, holding no reference to the memory. `end` is the offset at which the record ends: it tells how long
   * a flexible array member is, which is empty without it.
   */
  read(m: Memory, at: number, end?: number): T;
  /**
   * Throws RangeError or TypeError, naming the field, for a value the type cannot hold. Padding is zeroed, so that a
   * key compares equal to the kernel's; what belongs to the kernel (locks, timers, kptrs) is left untouched.
   */
  write(m: Memory, at: number, value: I): void;
}

/** A codec that also has a view: accessors over the memory, at an offset that moves. */
export interface StructCodec<T, V extends View, I = T> extends Codec<T, I> {
  readonly View: new (m: Memory, at: number) => V;
  /** The struct ends in a flexible array member: set `$end` of its view to where the record ends. */
  readonly flexible?: boolean;
}

/**
 * `$m` and `$at` cannot collide with a C identifier. Reading a field of a view reads the memory at that moment.
 * A 64-bit field `f` can also be read as `f$number`, exact up to 2^53 and free of BigInt; a `char` array `s` is a string
 * whose bytes are `s$bytes`, in place. A plain value has `s$bytes`, a copy, only where the text does not say them all:
 * it is no UTF-8, or, in a map's key, goes on after the NUL.
 */
export interface View {
  $m: Memory;
  $at: number;
  /**
   * Where the record ends, for structs with a flexible array member. Of a section that was made larger, its size: that
   * is how long its last array is.
   */
  $end?: number;
}

export interface MapSpec {
  /** The name in the object; the property may differ where the name is no JavaScript identifier. */
  readonly name: string;
  /** `enum bpf_map_type` without its prefix, lower case: hash, ringbuf, percpu_array. */
  readonly type: string;
  readonly key?: Codec<unknown, never>;
  /**
   * For ringbuf, user_ringbuf and perf_event_array the event's type, from `__type(value, …)` or `BPF_APP_EVENT`. The
   * kernel wants a value size of 0 for the rings and of 4 for perf_event_array: if `valueSize` differs from that,
   * call bpf_map__set_value_size before load.
   */
  readonly value?: Codec<unknown, never>;
  /** In bytes, as declared; 0 where the definition leaves it out. */
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  /** `map_flags`, for example BPF_F_MMAPABLE. */
  readonly flags: number;
  /** Of array_of_maps and hash_of_maps: what each inner map is like. Its name is empty. */
  readonly inner?: MapSpec;
  /** The map holds this data section: `.bss`. `name` is the same. */
  readonly section?: string;
  /** The 64-bit counter of failed reserves that `BPF_APP_DROPS` declares: property of `sections`, byte offset in it. */
  readonly dropped?: { readonly section: string; readonly offset: number };
}

export interface ProgSpec {
  readonly name: string;
  /** The SEC() string. */
  readonly section: string;
}

export interface SectionSpec {
  /** The ELF section, `.bss`: bpf_object__find_map_by_name finds its map by a name that begins with a dot. */
  readonly map: string;
  /** Bytes. */
  readonly size: number;
  readonly View: new (m: Memory, at: number) => View;
}
