import { resolve, sizeOf } from "../../btf/layout.ts";
import type { BtfComposite } from "../../btf/types.ts";
import type { Parts } from "../../facts/handover.ts";
import type { TypeIn } from "./difference.ts";

/** How deep types are taken apart, and into how many parts. What is deeper, or more, is one part. */
const DEPTH_MAX = 16;
const PARTS_MAX = 512;

/**
 * Takes a variable apart into what is written as a whole: numbers, and the elements of arrays of numbers. A text is one
 * part, as half of a new text and half of an old one are no text.
 *
 * @param at - where the variable begins, in bytes
 * @param size - how many bytes it has, which may be more than its type has
 */
export function partsOf(type: TypeIn, at: number, size: number): Parts[] {
  const parts = split(type, 0);
  const own = sizeOf(type.btf, type.id) ?? 0;
  if (parts === undefined || parts.length > PARTS_MAX || own > size) return [whole(at, size)];
  const rest = size > own ? [whole(own, size - own)] : [];
  return [...parts, ...rest].map((part) => ({ ...part, at: part.at + at }));
}

function whole(at: number, size: number): Parts {
  return { at, size, count: 1, stride: size };
}

/** The parts of a type, from its beginning; undefined where it has none that can be told. */
function split({ btf, id }: TypeIn, depth: number): Parts[] | undefined {
  const size = sizeOf(btf, id);
  if (size === undefined) return undefined;
  const { type } = resolve(btf, id);
  const one = [whole(0, size)];
  if (depth > DEPTH_MAX) return one;
  if (type.kind === "struct") return splitStruct({ btf, id }, type, depth) ?? one;
  if (type.kind !== "array") return one;
  const element = sizeOf(btf, type.type) ?? 0;
  if (element <= 1 || type.length === 0) return one;
  const inner = split({ btf, id: type.type }, depth + 1);
  return inner && repeat(inner, type.length, element);
}

/** The parts of an array's elements. In an element that has an array itself, that one is a part. */
function repeat(inner: readonly Parts[], length: number, stride: number): Parts[] {
  const [first] = inner;
  if (inner.length === 1 && first && first.count > 1 && first.count * first.stride === stride)
    return [{ ...first, count: length * first.count }];
  return inner.map((part) => ({
    at: part.at,
    size: (part.count - 1) * part.stride + part.size,
    count: length,
    stride,
  }));
}

/** Bitfields are parts of whole bytes. */
function splitStruct({ btf }: TypeIn, struct: BtfComposite, depth: number): Parts[] | undefined {
  const parts: Parts[] = [];
  for (const { type, bitOffset, bitSize } of struct.members) {
    const at = Math.floor(bitOffset / 8);
    if (bitSize > 0) {
      parts.push(whole(at, Math.ceil((bitOffset + bitSize) / 8) - at));
      continue;
    }
    const inner = split({ btf, id: type }, depth + 1);
    // A flexible array has no size of its own.
    if (inner === undefined) return undefined;
    parts.push(...inner.filter(({ size }) => size > 0).map((part) => ({ ...part, at: part.at + at })));
    if (parts.length > PARTS_MAX) return undefined;
  }
  return parts.length === 0 ? undefined : parts;
}
