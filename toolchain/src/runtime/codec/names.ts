import type { Memory } from "../memory.ts";

/**
 * Names of processes that were read lately. They are `char[16]` and repeat; to compare four words with those of a name
 * that is known is several times faster than to look at sixteen bytes. A name is known only if its text says all of its
 * bytes: it is ASCII, and there are zeros after it.
 */
const KNOWN = 1024;
const texts: (string | undefined)[] = new Array<string | undefined>(KNOWN).fill(undefined);
const words = new Uint32Array(4 * KNOWN);

function slotOf(a: number, b: number, c: number, d: number): number {
  return Math.imul(a ^ Math.imul(b, 0x9e3779b1) ^ Math.imul(c, 0x85ebca6b) ^ d, 0xc2b2ae35) >>> 22;
}

/** The text of the 16 bytes at an offset that is aligned to 4, if it is known. */
export function knownName({ u32 }: Memory, at: number): string | undefined {
  const word = at >>> 2;
  const a = u32[word]!;
  const b = u32[word + 1]!;
  const c = u32[word + 2]!;
  const d = u32[word + 3]!;
  const slot = slotOf(a, b, c, d);
  const first = slot << 2;
  const same =
    words[first] === a && words[first + 1] === b && words[first + 2] === c && words[first + 3] === d;
  return same ? texts[slot] : undefined;
}

/** Remembers what the 16 bytes at an offset were read as. Returns the text. */
export function keepName({ u32 }: Memory, at: number, text: string): string {
  // The memory may be a program's own, which goes on writing to it: the text is held against the words that are kept.
  const read = [u32[at >>> 2]!, u32[(at >>> 2) + 1]!, u32[(at >>> 2) + 2]!, u32[(at >>> 2) + 3]!] as const;
  for (let i = 0; i < 16; i++) {
    const byte = (read[i >>> 2]! >>> (8 * (i & 3))) & 0xff;
    if (byte !== (i < text.length ? text.charCodeAt(i) : 0) || byte > 0x7f) return text;
  }
  const slot = slotOf(...read);
  texts[slot] = text;
  words.set(read, slot << 2);
  return text;
}
