import type { Memory } from "../memory.ts";
import type { Codec } from "../spec.ts";
import { wrongType } from "./checks.ts";
import { loseBytes } from "./lost.ts";
import { keepName, knownName } from "./names.ts";

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });
const encoder = new TextEncoder();

/**
 * Strings that were read lately, by a hash of their bytes. Names of processes and paths repeat, and to compare bytes with
 * a string that is there is several times faster than to make a new one.
 */
const SEEN = 1024;
const seen: string[] = new Array<string>(SEEN).fill("");
/** The longest string, in bytes, that is kept. Longer ones are decoded each time, so that the table stays small. */
const SEEN_LENGTH = 64;

/**
 * Decodes a copy of the bytes: some decoders refuse shared buffers, and the arrays of a section that is constant are
 * no buffers at all.
 */
function decode(m: Memory, at: number, length: number): string {
  const text = decoder.decode(m.u8.slice(at, at + length));
  if (text.includes("\ufffd")) loseBytes();
  return text;
}

function equal(text: string, m: Memory, at: number, length: number): boolean {
  if (text.length !== length) return false;
  for (let i = 0; i < length; i++) if (text.charCodeAt(i) !== m.u8[at + i]) return false;
  return true;
}

/** Reads up to 16 ASCII characters where 16 bytes are there. One call without a loop is faster than every decoder. */
function short(b: Uint8Array, i: number, length: number): string {
  return String.fromCharCode(
    b[i]!,
    b[i + 1]!,
    b[i + 2]!,
    b[i + 3]!,
    b[i + 4]!,
    b[i + 5]!,
    b[i + 6]!,
    b[i + 7]!,
    b[i + 8]!,
    b[i + 9]!,
    b[i + 10]!,
    b[i + 11]!,
    b[i + 12]!,
    b[i + 13]!,
    b[i + 14]!,
    b[i + 15]!,
  ).slice(0, length);
}

/**
 * Reads a `char` array of `size` bytes as text: up to its NUL, or all of it if there is none. Bytes that are not UTF-8
 * become U+FFFD.
 */
export function chars(m: Memory, at: number, size: number): string {
  if (size !== 16 || (at & 3) !== 0) return anyChars(m, at, size);
  return knownName(m, at) ?? keepName(m, at, anyChars(m, at, size));
}

function anyChars(m: Memory, at: number, size: number): string {
  const u8 = m.u8;
  let hash = 0;
  let any = 0;
  let length = 0;
  for (; length < size; length++) {
    const byte = u8[at + length]!;
    if (byte === 0) break;
    any |= byte;
    hash = (Math.imul(hash, 31) + byte) | 0;
  }
  if (length < size && hasTail(m, at + length, at + size)) loseBytes();
  if (length === 0) return "";
  if (any > 0x7f || length > SEEN_LENGTH) return decode(m, at, length);
  const slot = (hash ^ (hash >>> 10)) & (SEEN - 1);
  const known = seen[slot]!;
  if (equal(known, m, at, length)) return known;
  const text = length <= 16 && size >= 16 ? short(u8, at, length) : decode(m, at, length);
  seen[slot] = text;
  return text;
}

/** Whether a byte of a range is not zero. */
export function hasTail(m: Memory, from: number, to: number): boolean {
  const { u8, u32 } = m;
  let at = from;
  for (; at < to && (at & 3) !== 0; at++) if (u8[at] !== 0) return true;
  for (; at + 4 <= to; at += 4) if (u32[at >>> 2] !== 0) return true;
  for (; at < to; at++) if (u8[at] !== 0) return true;
  return false;
}

/** Whether a text that was read from a range says all bytes up to its NUL. */
export function saysText(text: string, m: Memory, from: number, to: number): boolean {
  if (!text.includes("\ufffd")) return true;
  const said = encoder.encode(text);
  return said.length <= to - from && said.every((byte, index) => byte === m.u8[from + index]);
}

/**
 * The texts that lie one after the other in bytes, each with a NUL after it, as arguments of a process or paths do:
 * `strings(event.args, event.args$bytes)`. Zeros at the end, which fill a `char` array, are no texts.
 *
 * @param text - a value's text
 * @param bytes - its `f$bytes`, which a value has only where something follows the first NUL; or a view's, or a part of them
 */
export function strings(text: string, bytes: Uint8Array | undefined): string[] {
  if (bytes === undefined) return text === "" ? [] : [text];
  let end = bytes.length;
  while (end > 0 && bytes[end - 1] === 0) end--;
  // A copy, as some decoders refuse shared memory.
  return end === 0 ? [] : decoder.decode(bytes.slice(0, end)).split("\0");
}

/**
 * Writes the bytes that were kept beside a text, or the text if there are none or it has been changed since. Bytes that
 * come without a text are written as they are.
 *
 * @throws `RangeError` if the text or the bytes do not fit
 * @throws `TypeError` if it is no string
 */
export function setText(
  m: Memory,
  at: number,
  size: number,
  value: string | undefined,
  bytes: Uint8Array | undefined,
  field: string,
): void {
  if (bytes !== undefined && value === undefined) setBytes(m, at, size, bytes, field);
  // U+FFFD has more bytes than what it stands for: the text alone may not fit.
  else if (bytes !== undefined && bytes.length === size && textOf(bytes) === value) m.u8.set(bytes, at);
  else setChars(m, at, size, value as string, field);
}

function textOf(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decoder.decode(end < 0 ? bytes : bytes.subarray(0, end));
}

/**
 * Writes text and fills the rest with NULs. An array that is full has no NUL, as in C.
 *
 * @throws `RangeError` if the text does not fit
 * @throws `TypeError` if it is no string
 */
export function setChars(m: Memory, at: number, size: number, value: string, field: string): void {
  if (typeof value !== "string") wrongType(value, "a string", field);
  if (value.length <= size && setAscii(m, at, size, value)) return;
  const bytes = encoder.encode(value);
  if (bytes.length > size)
    throw new RangeError(`${field} holds ${size} bytes, and the text has ${bytes.length}`);
  m.u8.set(bytes, at);
  m.u8.fill(0, at + bytes.length, at + size);
}

/** Writes text that is ASCII, which most is, without an encoder. Returns false if it is not, with some of it written. */
function setAscii(m: Memory, at: number, size: number, value: string): boolean {
  const u8 = m.u8;
  for (let i = 0; i < value.length; i++) {
    const code = value.charCodeAt(i);
    if (code > 0x7f) return false;
    u8[at + i] = code;
  }
  u8.fill(0, at + value.length, at + size);
  return true;
}

/**
 * Writes bytes over a `char` array and fills the rest with NULs.
 *
 * @throws `RangeError` if they do not fit
 * @throws `TypeError` if they are no Uint8Array
 */
export function setBytes(m: Memory, at: number, size: number, value: Uint8Array, field: string): void {
  if (!(value instanceof Uint8Array)) wrongType(value, "a Uint8Array", field);
  if (value.length > size) throw new RangeError(`${field} holds ${size} bytes, not ${value.length}`);
  m.u8.set(value, at);
  m.u8.fill(0, at + value.length, at + size);
}

/**
 * The codec of a `char` array as text in UTF-8, which ends at the first NUL.
 *
 * @param size - the array's length, in bytes
 */
export function charsOf(size: number): Codec<string> {
  const ctype = `char[${size}]`;
  return {
    ctype,
    size,
    align: 1,
    read: (m, at) => chars(m, at, size),
    write: (m, at, value) => setChars(m, at, size, value, ctype),
  };
}
