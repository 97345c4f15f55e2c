import { AT, type Dwarf, type Entry, TAG } from "../../elf/dwarf.ts";

/** What a declaration of DWARF says of a type: what is left when typedefs and qualifiers are taken away. */
export function bare(dwarf: Dwarf, type: Entry | undefined): Entry | undefined {
  let at = type;
  for (let steps = 0; at !== undefined && steps < 64; steps++) {
    if (!QUALIFIERS.has(at.tag)) return at;
    at = typeOf(dwarf, at);
  }
  return undefined;
}

const QUALIFIERS: ReadonlySet<number> = new Set([TAG.typedef, TAG.constant, TAG.volatile, TAG.restrict]);

/** The type of an entry, undefined for void. */
export function typeOf(dwarf: Dwarf, entry: Entry): Entry | undefined {
  return entryAt(dwarf, entry.attributes.get(AT.type));
}

/** The entry that another one names by its offset. */
export function entryAt(dwarf: Dwarf, offset: number | bigint | string | undefined): Entry | undefined {
  return typeof offset === "number" ? dwarf.entries.get(offset) : undefined;
}

export function numberOf(entry: Entry, at: number): number | undefined {
  const value = entry.attributes.get(at);
  return value === undefined || typeof value === "string" ? undefined : Number(value);
}

export function nameOf(entry: Entry): string {
  const name = entry.attributes.get(AT.name);
  return typeof name === "string" ? name : "";
}

/** How many elements an array has in each of its dimensions. One without a bound is flexible and has none. */
export function dimensions(array: Entry): number[] {
  return array.children
    .filter(({ tag }) => tag === TAG.subrange)
    .map((range) => numberOf(range, AT.count) ?? (numberOf(range, AT.upperBound) ?? -1) + 1);
}

/** The size of a type in bytes, undefined for one without a size. */
export function byteSize(dwarf: Dwarf, type: Entry | undefined, depth = 0): number | undefined {
  const entry = bare(dwarf, type);
  if (entry === undefined || depth > 64 || entry.attributes.has(AT.declaration)) return undefined;
  if (entry.tag === TAG.pointer) return 8;
  if (entry.tag !== TAG.array) return numberOf(entry, AT.byteSize);
  const element = byteSize(dwarf, typeOf(dwarf, entry), depth + 1);
  return element && dimensions(entry).reduce((size, length) => size * length, element);
}

/** How C spells a type: `struct event`, `event_t`. */
export function spelling(dwarf: Dwarf, type: Entry, depth = 0): string {
  const name = nameOf(type);
  if (type.tag === TAG.structure) return `struct ${name || "(anonymous)"}`;
  if (type.tag === TAG.union) return `union ${name || "(anonymous)"}`;
  if (type.tag === TAG.enumeration) return `enum ${name || "(anonymous)"}`;
  if (type.tag === TAG.array) {
    const element = typeOf(dwarf, type);
    const inner = element === undefined || depth > 16 ? "…" : spelling(dwarf, element, depth + 1);
    return `${inner}[${dimensions(type).join("][")}]`;
  }
  return name;
}
