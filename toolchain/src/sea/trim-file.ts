import { Failure } from "../base/failure.ts";
import type { Cut } from "./cut.ts";
import type { Source } from "./elf.ts";

/**
 * What takes the place of a part of Node. `data` comes at the part's beginning and `tail` at its end; what is between
 * them is left out of the file as far as it is whole pages, and else zeroed.
 */
export interface Replacement {
  readonly what: "locales" | "typescript";
  /** Where in the base the part is, and how many bytes it has. */
  readonly offset: number;
  readonly size: number;
  readonly data: Uint8Array;
  readonly tail: Uint8Array;
  readonly leaves: Cut["leaves"];
}

/** What is left out of a base: in ascending order, without overlaps. */
export interface Trim {
  /** The size of the base that this was made for, in bytes. */
  readonly baseSize: number;
  readonly replacements: readonly Replacement[];
}

/** The file begins with one line of JSON that describes the bytes that follow it. */
export function encodeTrim({ baseSize, replacements }: Trim): Buffer {
  const list = replacements.map(({ data, tail, ...rest }) => ({
    ...rest,
    data: data.length,
    tail: tail.length,
  }));
  const head = Buffer.from(`${JSON.stringify({ format: 1, baseSize, replacements: list })}\n`);
  return Buffer.concat([head, ...replacements.flatMap(({ data, tail }) => [data, tail])]);
}

/** Reads what `encodeTrim` wrote for a base. @throws Failure trim-mismatch */
export function decodeTrim(bytes: Buffer, path: string, base: Source): Trim {
  const wrong = () => new Failure("sea", { kind: "trim-mismatch", path, base: base.path });
  const end = bytes.indexOf(0x0a);
  let at = end + 1;
  const take = (size: number) => {
    at += size;
    return bytes.subarray(at - size, at);
  };
  try {
    const head = JSON.parse(bytes.toString("utf8", 0, end));
    if (end < 0 || head.format !== 1 || head.baseSize !== base.size) throw wrong();
    let from = 0;
    const replacements = head.replacements.map((one: Replacement & { data: number; tail: number }) => {
      const { what, offset, size, leaves } = one;
      const numbers = [offset, size, one.data, one.tail];
      if (!numbers.every((number) => Number.isSafeInteger(number) && number >= 0)) throw wrong();
      if (offset < from || one.data + one.tail > size || offset + size > base.size) throw wrong();
      from = offset + size;
      return { what, offset, size, leaves, data: take(one.data), tail: take(one.tail) };
    });
    if (at !== bytes.length) throw wrong();
    return { baseSize: head.baseSize, replacements };
  } catch {
    throw wrong();
  }
}
