import { resolve, sizeOf, spell } from "../../btf/layout.ts";
import type { Btf } from "../../btf/types.ts";
import { AT, type Dwarf, type Entry, TAG } from "../../elf/dwarf.ts";
import { bare, byteSize, numberOf, spelling, typeOf } from "./declared.ts";
import type { Send } from "./sends.ts";
import { type Variables, variablesOf } from "./variables.ts";

/** A type that the events of a map may have: from BTF, by its id there, or from DWARF. */
export type Candidate = { readonly spelling: string } & (
  | { readonly btf: number }
  | { readonly dwarf: Entry }
);

/** From what types are inferred. */
export interface Sources {
  readonly btf: Btf;
  readonly dwarf: Dwarf | undefined;
  /** The BTF id of the values of a map. */
  readonly valuesOf: (map: string) => number | undefined;
}

/** The types that what one place sends may have. None if nothing is known of it. */
export function candidatesOf(send: Send, sources: Sources): readonly Candidate[] {
  const { data, size } = send;
  if (data === undefined) return [];
  if (
    data !== "reserved" &&
    data.kind === "pointer" &&
    data.from.every(({ lookup }) => lookup !== undefined)
  ) {
    const values = data.from.map(({ lookup }) => sources.valuesOf(lookup as string));
    // If a value type is declared, the data is its beginning, and nothing else has to be known.
    if (values.every((value) => value !== undefined && isStruct(sources.btf, value)))
      return distinct(values.flatMap((value) => valueCandidate(sources.btf, value as number, size) ?? []));
  }
  if (size === undefined || sources.dwarf === undefined) return [];
  const variables = variablesOf(sources.dwarf, send.function);
  if (data === "reserved" || data.kind === "pointer") return pointedTo(sources.dwarf, variables, size);
  return data.kind === "stack" ? onStack(sources.dwarf, variables, size) : [];
}

/**
 * Each type once. DWARF has one entry for each, so that two structs of one name, in two functions, stay two; a type that
 * both BTF and DWARF have is told by its name.
 */
export function distinct(candidates: readonly Candidate[]): Candidate[] {
  const inBtf = new Set(candidates.flatMap((one) => ("btf" in one ? [one.spelling] : [])));
  const keys = candidates.map((one) => ("btf" in one || inBtf.has(one.spelling) ? one.spelling : one.dwarf));
  return candidates.filter((_, index) => keys.indexOf(keys[index] as string) === index);
}

function isStruct(btf: Btf, id: number): boolean {
  const { kind } = resolve(btf, id).type;
  return kind === "struct" || kind === "union";
}

/**
 * The type of a map's values, or of their first member that has the size. Without a known size it is the type itself,
 * of which only a part is sent.
 */
function valueCandidate(btf: Btf, value: number, size: number | undefined): Candidate | undefined {
  let id = value;
  for (let depth = 0; depth < 16; depth++) {
    if (size === undefined || sizeOf(btf, id) === size) return { spelling: spell(btf, id), btf: id };
    const { type } = resolve(btf, id);
    const first = type.kind === "struct" ? type.members[0] : undefined;
    if (first === undefined || first.bitSize > 0) return undefined;
    id = first.type;
  }
  return undefined;
}

function pointedTo(dwarf: Dwarf, { pointedTo: targets }: Variables, size: number): Candidate[] {
  const named = (type: Entry) => ({ spelling: spelling(dwarf, type), dwarf: type });
  const whole = [...targets].filter((type) => byteSize(dwarf, type) === size);
  const found =
    whole.length > 0 ? whole : [...targets].flatMap((type) => firstOfSize(dwarf, type, size) ?? []);
  return distinct(found.map((type) => named(plain(dwarf, type))));
}

/** The first member of a struct, or its first member, and so on, if that has the size. */
function firstOfSize(dwarf: Dwarf, type: Entry, size: number): Entry | undefined {
  let at: Entry | undefined = type;
  for (let depth = 0; at !== undefined && depth < 16; depth++) {
    if (byteSize(dwarf, at) === size) return at;
    const first: Entry | undefined = bare(dwarf, at)?.children.find(({ tag }) => tag === TAG.member);
    at = first === undefined || first.attributes.has(AT.bitSize) ? undefined : typeOf(dwarf, first);
  }
  return undefined;
}

/** How many parts of the stack's variables are looked at. */
const PARTS_MAX = 10_000;

/**
 * The variables on the stack that have the size, and the structs of that size inside larger variables: any of them may
 * be what is sent.
 */
function onStack(dwarf: Dwarf, variables: Variables, size: number): Candidate[] {
  const found: Entry[] = [];
  const queue = [...variables.onStack].map((type) => ({ type, whole: true }));
  for (let index = 0; index < queue.length && index < PARTS_MAX; index++) {
    const { type, whole } = queue[index] as { type: Entry; whole: boolean };
    const own = byteSize(dwarf, type) ?? 0;
    const resolved = bare(dwarf, type);
    if (resolved === undefined || own < size) continue;
    const composite = resolved.tag === TAG.structure || resolved.tag === TAG.union;
    if (own === size && (whole || composite)) {
      found.push(plain(dwarf, type));
      continue;
    }
    if (resolved.tag === TAG.array) queue.push(...inner(dwarf, [resolved]));
    if (composite)
      queue.push(
        ...inner(
          dwarf,
          resolved.children.filter(({ tag }) => tag === TAG.member),
        ),
      );
  }
  return distinct(found.map((type) => ({ spelling: spelling(dwarf, type), dwarf: type })));
}

function inner(dwarf: Dwarf, entries: readonly Entry[]): { type: Entry; whole: boolean }[] {
  return entries.flatMap((entry) => {
    const type = typeOf(dwarf, entry);
    return type === undefined || numberOf(entry, AT.bitSize) !== undefined ? [] : [{ type, whole: false }];
  });
}

/** The type without qualifiers. A typedef stays, because it may be the only name of the type. */
function plain(dwarf: Dwarf, type: Entry): Entry {
  let at = type;
  for (let steps = 0; steps < 64; steps++) {
    const resolved = bare(dwarf, at);
    if (at.tag === TAG.typedef)
      return resolved?.attributes.has(AT.name) ? resolved : at;
    if (resolved === undefined || resolved === at) return at;
    const next = typeOf(dwarf, at);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}
