import type { Wording } from "../base/wording.ts";
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
        what: `BPF_APP_EVENT(${f.map}, …) names a map that carries no events.`,
        why:
          f.maps.length === 0
            ? "The program has no ring buffer and no perf event array."
            : `The maps that carry events are ${f.maps.join(", ")}.`,
        next: "Name a ring buffer or a perf event array of this program.",
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
        next: "Call it as: bpf-app skeleton NAME OBJECT.bpf.o [--source FILE.h]…",
      };
  }
}
