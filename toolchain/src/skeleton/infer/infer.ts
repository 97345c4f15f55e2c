import type { ElfObject } from "../../elf/read.ts";
import { type Candidate, candidatesOf, distinct, type Sources } from "./evidence.ts";
import { kernelTypes } from "./kernel-types.ts";
import { findSends, type Send } from "./sends.ts";

/** Why the type of a map's events is not known. */
export type Unknown =
  /** User space sends to the map, and the program does not say what. */
  | { readonly why: "from-user" }
  /** Nothing in this object sends to the map. */
  | { readonly why: "no-sends" }
  /** A place sends what has no type that can be found, or it cannot be told to which map. `function` has the place. */
  | { readonly why: "untyped-send"; readonly function?: string; readonly size?: number | undefined }
  /** One place may send, or several places do send, what has either of these types. */
  | { readonly why: "several"; readonly types: readonly string[] };

/** The type of the events of a map, or why it is not known. */
export type Inferred = Candidate | Unknown;

/**
 * Infers which types the events of maps have: that of the variables whose memory is sent, if all places that send to a
 * map agree, and if at each of them only one type is possible.
 */
export function inferEvents(
  elf: ElfObject,
  maps: readonly string[],
  sources: Omit<Sources, "kernel">,
): ReadonlyMap<string, Inferred> {
  if (maps.length === 0) return new Map();
  const sends = findSends(elf);
  const kernel = kernelTypes(elf);
  return new Map(maps.map((map) => [map, infer(map, sends, { ...sources, kernel })]));
}

function infer(map: string, all: readonly Send[] | undefined, sources: Sources): Inferred {
  if (all === undefined) return { why: "untyped-send" };
  const sends = all.filter((send) => send.map === map);
  if (sends.length === 0) return { why: "no-sends" };
  const found: Candidate[] = [];
  for (const send of sends) {
    const candidates = candidatesOf(send, sources);
    if (candidates.length === 0) return { why: "untyped-send", function: send.function, size: send.size };
    found.push(...candidates);
  }
  const types = distinct(found);
  const [only] = types;
  if (only !== undefined && types.length === 1) return only;
  return { why: "several", types: types.map(({ spelling }) => spelling).sort() };
}
