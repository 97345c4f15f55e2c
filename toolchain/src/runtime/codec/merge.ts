import { Memory } from "../memory.ts";
import type { Codec } from "../spec.ts";
import { setKept } from "./kept.ts";

/** Memory in which members of unions are made, one for each union that is inside another. */
const scratches: Memory[] = [];
let depth = 0;

/** Calls a function with memory that is all zeros, and that nobody else uses meanwhile. */
function withScratch(size: number, use: (scratch: Memory) => void): void {
  let scratch = scratches[depth];
  if (scratch === undefined || scratch.u8.length < size) scratches[depth] = scratch = Memory.alloc(size);
  else scratch.u8.fill(0, 0, size);
  depth++;
  try {
    use(scratch);
  } finally {
    depth--;
  }
}

/**
 * Writes a member of a union that is a struct or an array, over the members that were written before it. Its padding, and
 * whatever of it is zero, leaves their bytes alone: the bytes of the union are zero at first.
 *
 * @param bits - whether there are bitfields in it: then the padding beside them is left alone bit by bit
 * @throws `RangeError` or `TypeError` for a value that its type cannot hold
 */
export function merge<I>(m: Memory, at: number, codec: Codec<unknown, I>, value: I, bits: boolean): void {
  withScratch(codec.size, (scratch) => {
    codec.write(scratch, 0, value);
    copy(m, at, scratch, codec.size, bits);
  });
}

/** Does as `merge` does, for an array whose values may not say all of their bytes. */
export function mergeKept<T, I>(
  m: Memory,
  at: number,
  codec: Codec<T, I>,
  value: I,
  bytes: Uint8Array | undefined,
): void {
  withScratch(codec.size, (scratch) => {
    setKept(scratch, 0, codec, value, bytes);
    copy(m, at, scratch, codec.size, false);
  });
}

function copy(m: Memory, at: number, { u8 }: Memory, size: number, bits: boolean): void {
  for (let i = 0; i < size; i++) {
    const byte = u8[i]!;
    if (byte !== 0) m.u8[at + i] = bits ? m.u8[at + i]! | byte : byte;
  }
}
