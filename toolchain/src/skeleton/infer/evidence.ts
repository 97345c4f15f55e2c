import { resolve, sizeOf, spell } from "../../btf/layout.ts";
import type { Btf } from "../../btf/types.ts";
import { AT, type Dwarf, type Entry, TAG } from "../../elf/dwarf.ts";
import { bare, byteSize, spelling, typeOf } from "./declared.ts";
import type { Send } from "./sends.ts";
import { onStack } from "./stack.ts";
import type { Origin } from "./values.ts";
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
  /** Structs of the kernel, as C spells them. Nobody declares one to send it. */
  readonly kernel: ReadonlySet<string>;
}

/** The types that what one place sends may have. None if nothing is known of it. */
export function candidatesOf(send: Send, sources: Sources): readonly Candidate[] {
  const { data, size } = send;
  if (data === undefined) return [];
  const from = data !== "reserved" && data.kind === "pointer" ? data.from : [];
  const values = from.map(({ lookup }) => (lookup === undefined ? undefined : sources.valuesOf(lookup)));
  // If the map where the data lies declares the type of its values, nothing else has to be known.
  if (values.length > 0 && values.every((value) => value !== undefined && isComposite(sources.btf, value)))
    return distinct(values.flatMap((value) => valueCandidate(sources.btf, value as number, size) ?? []));
  if (size === undefined || sources.dwarf === undefined) return [];
  const variables = variablesOf(sources.dwarf, send.function);
  if (data !== "reserved" && data.kind === "stack") {
    const found = onStack(sources.dwarf, variables.onStack, {
      offset: data.offset,
      size,
      lowest: send.lowest,
    });
    return distinct(found.map((type) => candidate(sources.dwarf as Dwarf, type)));
  }
  return data === "reserved" || data.kind === "pointer" ? pointedTo(sources, variables, from, size) : [];
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

function isComposite(btf: Btf, id: number): boolean {
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

/**
 * What the pointers point to that may have held the address: parameters if it was handed over, otherwise variables. Where
 * one of these is a `void *`, it may have been that one, and then the types of the others say nothing.
 */
function pointedTo(
  { dwarf, kernel }: Sources,
  { pointedTo: ofVariables, untyped, parameters }: Variables,
  from: readonly Origin[],
  size: number,
): Candidate[] {
  if (dwarf === undefined) return [];
  const handed = from.flatMap(({ argument }) => (argument === undefined ? [] : [parameters[argument - 1]]));
  const others = from.length === 0 || from.some(({ argument }) => argument === undefined);
  if (others && untyped) return [];
  const targets = [...handed, ...(others ? ofVariables : [])].filter(
    (type) => type !== undefined && !kernel.has(spelling(dwarf, type)),
  ) as Entry[];
  const whole = targets.filter((type) => byteSize(dwarf, type) === size);
  const found = whole.length > 0 ? whole : targets.flatMap((type) => firstOfSize(dwarf, type, size) ?? []);
  return distinct(found.map((type) => candidate(dwarf, type)));
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

function candidate(dwarf: Dwarf, type: Entry): Candidate {
  const plain = unqualified(dwarf, type);
  return { spelling: spelling(dwarf, plain), dwarf: plain };
}

/** The type without qualifiers. A typedef stays if it is the only name of the type. */
function unqualified(dwarf: Dwarf, type: Entry): Entry {
  let at = type;
  for (let steps = 0; steps < 64; steps++) {
    const resolved = bare(dwarf, at);
    if (at.tag === TAG.typedef) return resolved?.attributes.has(AT.name) ? resolved : at;
    const next = resolved === at ? undefined : typeOf(dwarf, at);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}
