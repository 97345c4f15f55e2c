import { AT, type Dwarf, type Entry, TAG } from "../../elf/dwarf.ts";
import { bare, byteSize, dimensions, numberOf, typeOf } from "./declared.ts";
import type { StackVariable } from "./variables.ts";

/** A part of the stack that is sent: where it begins, from register 10, and how many bytes it has. */
export interface Part {
  readonly offset: number;
  readonly size: number;
  /** The lowest offset from register 10 that the function uses. */
  readonly lowest: number;
}

/** How much of the stack below the lowest byte that is used may be alignment and padding. */
const SLACK = 16;

/**
 * The types of what may lie at that part of the stack.
 *
 * Register 10 points to the upper end of the stack. But for clang's DWARF the frame begins at its lower end: a variable's
 * offset is larger by the size of the stack, which stands nowhere. It is at least what the function uses and what
 * its variables fill, and hardly more. Should a compiler count from register 10, the difference is 0.
 */
export function onStack(dwarf: Dwarf, variables: readonly StackVariable[], part: Part): Entry[] {
  const filled = Math.max(
    -part.lowest,
    ...variables.map(({ type, at }) => at + (byteSize(dwarf, type) ?? 0)),
  );
  const least = Math.ceil(filled / 8) * 8;
  const upwards = variables.some(({ at }) => at >= 0);
  const found = new Set<Entry>();
  for (const frame of upwards ? range(least, least + SLACK) : [0])
    for (const { type, at } of variables) {
      const hit = partAt(dwarf, type, part.offset + frame - at, part.size);
      if (hit !== undefined) found.add(hit);
    }
  return [...found];
}

function range(from: number, to: number): number[] {
  return Array.from({ length: (to - from) / 8 + 1 }, (_, index) => from + index * 8);
}

/** The part of a type that has the offset in it and the size: the type itself, a member, an element. */
function partAt(dwarf: Dwarf, whole: Entry, start: number, size: number): Entry | undefined {
  let [type, offset]: [Entry, number] = [whole, start];
  for (let depth = 0; depth < 64; depth++) {
    const own = byteSize(dwarf, type);
    if (own === undefined || offset < 0 || offset + size > own) return undefined;
    if (offset === 0 && own === size) return type;
    const next = step(dwarf, type, offset);
    if (next === undefined) return undefined;
    [type, offset] = next;
  }
  return undefined;
}

/** The element or the member that has a byte, and how far that lies inside it. Of a union no member is the one. */
function step(dwarf: Dwarf, type: Entry, offset: number): [Entry, number] | undefined {
  const resolved = bare(dwarf, type);
  if (resolved?.tag === TAG.array && dimensions(resolved).length === 1) {
    const element = typeOf(dwarf, resolved);
    const size = byteSize(dwarf, element);
    return element === undefined || !size ? undefined : [element, offset % size];
  }
  if (resolved?.tag !== TAG.structure) return undefined;
  for (const member of resolved.children) {
    const inner = member.tag === TAG.member ? typeOf(dwarf, member) : undefined;
    const at = numberOf(member, AT.memberLocation) ?? 0;
    const size = byteSize(dwarf, inner);
    if (inner === undefined || size === undefined || member.attributes.has(AT.bitSize)) continue;
    if (offset >= at && offset < at + size) return [inner, offset - at];
  }
  return undefined;
}
