import type { Memory } from "./memory.ts";

/**
 * What a generated `NAME.skel.ts` hands to `defineSkeleton`: the object's programs, maps and data sections as data,
 * with the code that reads and writes their types. The generator (`skeleton/`) and the runtime agree on this file and
 * on `memory.ts`, and on nothing else.
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

/** Reads and writes one C type. `at` is a byte offset, aligned to `align` (a packed type has align 1). */
export interface Codec<T> {
  /** As C spells it: `struct event`. */
  readonly ctype: string;
  /** sizeof, in bytes. */
  readonly size: number;
  readonly align: number;
  /** A plain value, holding no reference to the memory. */
  read(m: Memory, at: number): T;
  /** Throws RangeError or TypeError, naming the field, for a value the type cannot hold. */
  write(m: Memory, at: number, value: T): void;
}

/** A codec that also has a view: accessors over the memory, at an offset that moves. */
export interface StructCodec<T, V extends View> extends Codec<T> {
  readonly View: new (m: Memory, at: number) => V;
}

/** `$m` and `$at` cannot collide with a C identifier. Reading a field of a view reads the memory at that moment. */
export interface View {
  $m: Memory;
  $at: number;
}

export interface MapSpec {
  /** The name in the object; the property may differ where the name is no JavaScript identifier. */
  readonly name: string;
  /** `enum bpf_map_type` without its prefix, lower case: hash, ringbuf, percpu_array. */
  readonly type: string;
  readonly key?: Codec<unknown>;
  /** For a ring buffer the event's type, if it was declared with `__type(value, …)`. */
  readonly value?: Codec<unknown>;
  /** The ring buffer's value type is for us alone: the kernel wants a value size of 0. */
  readonly maxEntries: number;
}

export interface ProgSpec {
  readonly name: string;
  /** The SEC() string. */
  readonly section: string;
}

export interface SectionSpec {
  /** Name of the map in the object, `minimal.bss`. */
  readonly map: string;
  /** Bytes. */
  readonly size: number;
  readonly View: new (m: Memory, at: number) => View;
}
