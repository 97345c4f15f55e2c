import { isDeepStrictEqual } from "node:util";
import { Memory } from "../memory.ts";
import type { Codec } from "../spec.ts";
import type { ArrayCodec } from "./array-view.ts";
import { hasTail, saysText, setBytes } from "./text.ts";

/** Whether a map's key is being read. What follows the NUL of its texts is part of it. */
let inKey = false;

/**
 * A member of a struct whose value may not say all of its bytes: its property, the property of its bytes, where it begins,
 * its size (-1 for one that goes on to the record's end), for text the length of one `char` array (0 if there is one
 * alone, or the member is no text), whether it lies in a union, and the codec of what is no text.
 */
export type KeptField = readonly [
  value: string,
  bytes: string,
  offset: number,
  size: number,
  row: number,
  overlapped: boolean,
  codec: Codec<unknown, never> | undefined,
];

/** How much of a member's bytes its value says: all, all but what follows the NUL of a text, or less. */
type Said = "all" | "text" | "less";

/**
 * Adds to a plain value the bytes of those of its members that do not say all of them. Few values have such a member; the
 * others never get here. Where only what follows the NUL of a text is lost, which is noise in most records, the property
 * is not enumerable: printed, compared and copied, the value is what C's printf would show.
 */
export function keepBytes<T extends object>(
  value: T,
  m: Memory,
  at: number,
  fields: readonly KeptField[],
  end = 0,
): T {
  for (const [name, property, offset, size, row, overlapped, codec] of fields) {
    const from = at + offset;
    const to = size < 0 ? Math.max(from, end) : from + size;
    const member = (value as Record<string, unknown>)[name];
    const said = codec === undefined ? textSaid(member, m, from, to, row) : valueSaid(codec, member, m, from);
    if (said === "all") continue;
    kept.value = m.u8.slice(from, to);
    kept.enumerable = said === "less" || overlapped || inKey;
    Object.defineProperty(value, property, kept);
  }
  return value;
}

/** The property that is being made. It is the same object each time, since records with noise in them are frequent. */
const kept: PropertyDescriptor = { value: undefined, enumerable: false, writable: true, configurable: true };

function textSaid(value: unknown, m: Memory, from: number, to: number, row: number): Said {
  if (typeof value === "string") {
    if (!saysText(value, m, from, to)) return "less";
    let at = from;
    while (at < to && m.u8[at] !== 0) at++;
    return hasTail(m, at, to) ? "text" : "all";
  }
  let said: Said = "all";
  const texts = (value as unknown[]).flat(Number.POSITIVE_INFINITY);
  for (const [index, text] of texts.entries()) {
    const one = textSaid(text, m, from + index * row, from + (index + 1) * row, 0);
    if (one === "less") return one;
    if (one === "text") said = one;
  }
  return said;
}

function valueSaid(codec: Codec<unknown, never>, value: unknown, m: Memory, at: number): Said {
  const copy = Memory.alloc(codec.size);
  codec.write(copy, 0, value as never);
  for (let i = 0; i < codec.size; i++) if (copy.u8[i] !== m.u8[at + i]) return "less";
  return "all";
}

/**
 * Writes the bytes that were kept beside a value, or the value if there are none or it has been changed since. Elements of
 * an array are looked at one by one.
 *
 * @throws `RangeError` or `TypeError` for a value that its type cannot hold
 */
export function setKept<T, I>(
  m: Memory,
  at: number,
  codec: Codec<T, I>,
  value: I | undefined,
  bytes: Uint8Array | undefined,
): void {
  if (bytes !== undefined && value === undefined) setBytes(m, at, codec.size, bytes, codec.ctype);
  else if (bytes !== undefined && bytes.length === codec.size && isRead(codec, value, bytes))
    m.u8.set(bytes, at);
  else if (bytes !== undefined && bytes.length === codec.size && "element" in codec)
    setElements(
      m,
      at,
      codec as unknown as ArrayCodec<unknown, unknown, unknown>,
      value as ArrayLike<unknown>,
      bytes,
    );
  else codec.write(m, at, value as I);
}

/** Whether the bytes are read as the value. */
function isRead(codec: Codec<unknown, never>, value: unknown, bytes: Uint8Array): boolean {
  const copy = Memory.alloc(codec.size);
  copy.u8.set(bytes);
  return isDeepStrictEqual(codec.read(copy, 0), value);
}

function setElements(
  m: Memory,
  at: number,
  codec: ArrayCodec<unknown, unknown, unknown>,
  values: ArrayLike<unknown>,
  bytes: Uint8Array,
): void {
  const { element } = codec;
  const of = (index: number) => bytes.subarray(index * element.size, (index + 1) * element.size);
  // Elements are zero where the array is short, and it is refused where it is too long. The others may only fit by their
  // bytes: U+FFFD has more than what it stands for.
  codec.write(m, at, values.length * element.size > codec.size ? values : []);
  for (let i = 0; i < values.length; i++)
    setKept(m, at + i * element.size, element, values[i] as never, of(i));
}

/**
 * The codec of a map's key, whose texts keep all of their bytes: the key is found again even if they are no UTF-8, or go on
 * after the NUL.
 */
export function exactly<T, I>(codec: Codec<T, I>): Codec<T, I> {
  return {
    ...codec,
    read(m, at, end) {
      inKey = true;
      try {
        return codec.read(m, at, end);
      } finally {
        inKey = false;
      }
    },
  };
}
