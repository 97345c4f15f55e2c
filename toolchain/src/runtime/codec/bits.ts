import type { Memory } from "../memory.ts";

/** Reads `count` bits, at most 32 of them, in any position. `first` is the first one, counted from byte `at`. */
export function bits(m: Memory, at: number, first: number, count: number, signed: boolean): number {
  let byte = at + (first >>> 3);
  let value = m.u8[byte++]! >>> (first & 7);
  let scale = 2 ** (8 - (first & 7));
  for (let have = 8 - (first & 7); have < count; have += 8, scale *= 256) value += m.u8[byte++]! * scale;
  value %= 2 ** count;
  return signed && value >= 2 ** (count - 1) ? value - 2 ** count : value;
}

/** Reads as `bits` does, but up to 128 bits. */
export function bigBits(m: Memory, at: number, first: number, count: number, signed: boolean): bigint {
  let byte = at + (first >>> 3);
  let value = BigInt(m.u8[byte++]! >>> (first & 7));
  for (let have = 8 - (first & 7); have < count; have += 8) value |= BigInt(m.u8[byte++]!) << BigInt(have);
  return signed ? BigInt.asIntN(count, value) : BigInt.asUintN(count, value);
}

/** Writes the low `count` bits of `value`, and leaves their neighbours as they are. */
export function setBits(m: Memory, at: number, first: number, count: number, value: number): void {
  let rest = value < 0 ? value + 2 ** count : value;
  let byte = at + (first >>> 3);
  let shift = first & 7;
  for (let left = count; left > 0; byte++) {
    const here = Math.min(8 - shift, left);
    const mask = ((1 << here) - 1) << shift;
    m.u8[byte] = (m.u8[byte]! & ~mask) | (((rest % 2 ** here) << shift) & mask);
    rest = Math.floor(rest / 2 ** here);
    left -= here;
    shift = 0;
  }
}

/** Writes as `setBits` does, but up to 128 bits. */
export function setBigBits(m: Memory, at: number, first: number, count: number, value: bigint): void {
  let rest = BigInt.asUintN(count, value);
  let done = 0;
  while (done < count) {
    const here = Math.min(24, count - done);
    setBits(m, at, first + done, here, Number(BigInt.asUintN(here, rest)));
    rest >>= BigInt(here);
    done += here;
  }
}
