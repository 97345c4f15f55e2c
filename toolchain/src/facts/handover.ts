import type { MapType } from "./map-types.ts";

/**
 * What `bpf-app dev` and the apps that it runs say to each other. The app is the side that connects, by a Unix socket
 * whose messages are JSON texts, some with file descriptors. The two sides come from one package, as an app's version of
 * `bpf-app` runs the app's own dev, so that the messages have no version.
 */

/** The environment variable that tells an app of its number and of dev's socket: `3:/tmp/bpf-app-x/dev`. */
export const DEV_VARIABLE = "BPF_APP_DEV";

/** Where a run that ends by an error leaves the error's code, such as `EADDRINUSE`; `path` is that of dev's socket. */
export function failureFile(path: string, run: number): string {
  return `${path}.${run}`;
}

/** How a map is created: what it was declared with, or what the app has set before load. Sizes are in bytes. */
export interface MapShape {
  readonly type: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
}

/** A map that an app is about to load. */
export interface WantedMap extends MapShape {
  readonly name: string;
}

/** A map that starts empty though there was one of that name, and the reason, as the rest of a sentence. */
export interface FreshMap {
  readonly map: string;
  readonly why: string;
}

/**
 * Parts of a data section, in bytes: `count` parts of `size`, the first at `at`, each `stride` after the one before. A
 * part is what is written as a whole: a number, or what has no smaller part that can be told.
 */
export interface Parts {
  readonly at: number;
  readonly size: number;
  readonly count: number;
  readonly stride: number;
}

/** A variable that is copied from the section as it was. */
export interface Carried {
  readonly from: number;
  readonly to: number;
  readonly size: number;
}

/** Something that an app has attached, which the next one may take over without a gap. */
export interface Attached {
  /** Which program is attached where and how: the same in the next app. */
  readonly key: string;
  /** The kernel's number for the program. */
  readonly progId: number;
  /** The kernel's number for the link; absent for what is no link. */
  readonly link?: number;
  readonly filter?: TcFilter;
}

/** A filter of traffic control. */
export interface TcFilter {
  readonly handle: number;
  readonly priority: number;
  /** 0 if the app has made the qdisc that the filter belongs to, otherwise the error that says that it was there. */
  readonly made: number;
}

/** What an app says. A message with `asks` is answered, the others are not. */
export type FromApp =
  | { readonly say: "begin"; readonly run: number }
  /** Asks for the maps of a skeleton: dev answers with a `map` for each that there is something to say of, and an `end`. */
  | { readonly say: "load"; readonly skeleton: string; readonly maps: readonly WantedMap[] }
  /** The skeleton is loaded, with these maps of before. */
  | {
      readonly say: "loaded";
      readonly skeleton: string;
      readonly kept: readonly string[];
      readonly fresh: readonly FreshMap[];
    }
  /** Deposits a map, whose descriptor comes with it. */
  | { readonly say: "map"; readonly skeleton: string; readonly map: string; readonly shape: MapShape }
  | { readonly say: "attached"; readonly attached: Attached }
  /** Everything is attached: the app before may end. */
  | { readonly say: "taken"; readonly links: readonly string[] }
  /** The place is taken: asks that the app before ends now. Dev answers with `released` when it has. */
  | { readonly say: "release" }
  /** As the app before: the programs are detached, and nothing is read any more. */
  | { readonly say: "stopped" };

/** What dev says. */
export type FromDev =
  /** A map of before, whose descriptor comes with it. With `parts` it is a data section that is kept. */
  | {
      readonly do: "map";
      readonly map: string;
      readonly parts?: readonly Parts[];
      /** Parts whose initial values were edited, and are written. */
      readonly edited?: readonly Parts[];
    }
  /** A data section of before with another layout, whose descriptor comes with it: what can be copied out of it. */
  | { readonly do: "carry"; readonly map: string; readonly carried: readonly Carried[] }
  | { readonly do: "end"; readonly fresh: readonly FreshMap[]; readonly attached: readonly Attached[] }
  /** To the app before: detach, and stop reading. `links` are the keys of what the next one has taken over. */
  | { readonly do: "stop"; readonly kept: readonly string[]; readonly links: readonly string[] }
  | { readonly do: "released" }
  /** The app before is over: events may be read. */
  | { readonly do: "go" };

/**
 * Types of maps that an app does not take over from the run before it. Where something is lost that the app cannot fill in
 * again, it is said why, as the rest of a sentence; otherwise the text is empty.
 */
export const NEVER_KEPT: Readonly<Partial<Record<MapType, string>>> = {
  // These hold programs, and the new run's are others. Programs of before go on with the old ones.
  prog_array: "",
  struct_ops: "",
  insn_array: "",
  // Its rings belong to the process that opened them: the old run reads those to their end. The array itself would lose
  // the new run's rings when the old run closes its own.
  perf_event_array: "",
  user_ringbuf: "two runs of the app cannot write to it",
  arena: "its pointers are addresses in the process that made it",
};
