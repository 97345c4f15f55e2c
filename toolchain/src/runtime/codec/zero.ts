import { Memory } from "../memory.ts";
import type { Codec } from "../spec.ts";

/**
 * The value of a type whose bytes are all zero, as C's `= { 0 }` makes it: 0, 0n, false, "", arrays and structs of them. It
 * is made anew each time, so that it may be changed: `{ ...zero(event), pid: 1 }`.
 *
 * @param codec - the codec of the type: a struct's, which its skeleton exports, or one of this module
 */
export function zero<T>(codec: Codec<T, never>): T {
  return codec.read(Memory.alloc(codec.size), 0);
}
