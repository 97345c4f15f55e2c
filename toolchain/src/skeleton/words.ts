import { didYouMean } from "../base/nearest.ts";
import type { Wording } from "../base/wording.ts";
import type { EventTypes } from "./event-types.ts";
import type { Place, SkeletonFailure } from "./failures.ts";

const at = (place: Place | undefined) => (place === undefined ? "" : `${place.path}:${place.line}: `);

/** Why a skeleton cannot be generated, and what to do about it. */
export function skeletonWords(f: SkeletonFailure): Wording {
  switch (f.kind) {
    case "type-unrepresentable":
      return {
        what: `${at(f.place)}${f.of} has the type ${f.ctype}, which has no counterpart in TypeScript.`,
        why: `${f.why[0]?.toUpperCase()}${f.why.slice(1)}.`,
        next: "Declare it with another type, for example as an array of bytes: unsigned char raw[16].",
      };
    case "map-malformed":
      return {
        what: `${at(f.place)}The definition of map ${f.map} is not understood.`,
        why: `${f.what[0]?.toUpperCase()}${f.what.slice(1)}.`,
        next: "Define it with the macros of <bpf/bpf_helpers.h>: __uint(type, …), __type(key, …), __type(value, …).",
      };
    case "event-map-unknown":
      return {
        what:
          f.type === undefined
            ? `BPF_APP_EVENT(${f.map}, …) names a map that carries no events.`
            : `events: { ${f.map}: "${f.type}" } in bpf-app.config.ts names a map that carries no events.`,
        why:
          f.maps.length === 0
            ? "The program has no ring buffer and no perf event array."
            : `The maps that carry events are ${f.maps.join(", ")}.`,
        next: `${didYouMean(f.map, f.maps)}Name a ring buffer or a perf event array of this program.`,
      };
    case "event-type-unknown":
      return {
        what: `events: { ${f.map}: "${f.type}" } in bpf-app.config.ts names a type that the program does not have.`,
        why: "A type is found if the program uses it: for a map, a global, a parameter or a variable.",
        next: `${didYouMean(f.type, f.known)}Write it as in C, with its keyword: struct event. Or declare it in the source: BPF_APP_EVENT(${f.map}, …);`,
      };
    case "event-type-conflict":
      return {
        what: `The events of map ${f.map} are declared twice, with different types.`,
        why: `They are ${f.types[0]} and ${f.types[1]}.`,
        next: "Keep one: __type(value, …) in the map's definition, or BPF_APP_EVENT after it.",
      };
    case "skeleton-too-large":
      return {
        what: "The object's types are too large for a skeleton.",
        why: `They have ${f.what}.`,
        next: "In maps, events and globals, use only types of the program itself.",
      };
    case "skeleton-unreadable":
      return {
        what: `${f.path} cannot be read.`,
        why: f.code === "ENOENT" ? "It does not exist." : `The operating system reports ${f.code}.`,
        next: "Build the object first: npm run build",
      };
    case "skeleton-usage":
      return {
        what: "The arguments of the action are not understood.",
        next: "Call it as: bpf-app skeleton NAME OBJECT.bpf.o [--compiled OBJECT.tmp.bpf.o] [--event MAP=TYPE]… [--source FILE.h]…",
      };
  }
}

/**
 * What a build says of a map whose events have no type, in one line as a compiler's: which map, why, and what to do.
 */
export function untypedNote(
  program: string,
  { map, reason }: EventTypes["untyped"][number],
  place: Place | undefined,
): string {
  const where = place === undefined ? `src/${program}.bpf.c: ` : at(place);
  return (
    `${where}note: the events of ${map} are read as bytes: ${because(reason)}. ` +
    `Say their type in bpf-app.config.ts, events: { ${map}: "struct …" }, ` +
    `or in the source after the map, BPF_APP_EVENT(${map}, struct …);`
  );
}

function because(reason: EventTypes["untyped"][number]["reason"]): string {
  if (reason.why === "no-sends") return "nothing in this program sends any, and no type is declared";
  if (reason.why === "from-user") return "user space sends them, and no type is declared";
  if (reason.why === "several") return `they may be ${reason.types.join(" or ")}`;
  if (reason.function === undefined) return "it cannot be followed what the program sends to which map";
  const size = reason.size === undefined ? "what" : `the ${reason.size} bytes that`;
  return `${size} ${reason.function} sends ${reason.size === undefined ? "has" : "have"} no type that can be told`;
}
