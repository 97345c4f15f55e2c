/**
 * What the runner is asked and what it answers. The runner is a program of its own (`main.ts`): it is started with
 * privileges, on this machine or in a guest, and loads an app's programs by the runtime. Others know this file of it and
 * nothing else.
 */

/** What is to be loaded: a file of JSON, whose path is the runner's only argument. */
export interface Job {
  /** The app's folder, in which the runner looks for addons and sources. */
  readonly root: string;
  readonly skeletons: readonly SkeletonJob[];
}

/** An object, whose addon is `.output/NAME.node`. */
export interface SkeletonJob {
  readonly name: string;
  readonly programs: readonly ProgramJob[];
  readonly maps: readonly MapJob[];
  /** The names of its struct_ops maps. */
  readonly structOps: readonly string[];
  /** The numbers of the helpers that its programs call, and whether they subtract registers: what privileges depend on. */
  readonly helpers: readonly number[];
  readonly subtracts: boolean;
  /** The URL of a file beside its addon, which whoever loads it adds. Absent in an executable, which has names alone. */
  readonly url?: string;
}

export interface ProgramJob {
  readonly name: string;
  /** The text of SEC(). */
  readonly section: string;
}

/** A map as the object defines it. */
export interface MapJob {
  readonly name: string;
  readonly type: string;
  readonly maxEntries: number;
  /** In bytes. */
  readonly valueSize: number;
  /** Whether its values have a type. */
  readonly typed: boolean;
}

/** What the verifier counts while it looks at a program. */
export interface Stats {
  /** How many instructions it has processed, over all paths. The kernel allows a million. */
  readonly insns: number;
  /** States that it has stored in all, and at most at a time; undefined where the kernel does not say. */
  readonly totalStates?: number;
  readonly peakStates?: number;
  /** The stack of the program and of each of its functions, in bytes. */
  readonly stack?: readonly number[];
}

/** What became of a program. */
export type Verdict =
  | { readonly verdict: "accepted"; readonly stats?: Stats }
  /** The verifier refused it. */
  | {
      readonly verdict: "rejected";
      /** The verifier's words. */
      readonly reason: string;
      /** The place in the source, where the kernel tells it: file, line from 1, and the line with its neighbours. */
      readonly file?: string;
      readonly line?: number;
      readonly frame?: string;
      /** What usually helps. */
      readonly hint?: string;
      readonly stats?: Stats;
    }
  /** It could not be loaded for another reason, mostly one that concerns the whole object. */
  | { readonly verdict: "failed"; readonly reason: string; readonly hint?: string }
  /** It cannot be loaded on this kernel, or not without what the app does before, and that is no fault of its code. */
  | { readonly verdict: "skipped"; readonly reason: string };

/** A program of a skeleton with its verdict. */
export type ProgramResult = ProgramJob & { readonly skeleton: string } & Verdict;

/** The runner's answer: JSON, an object on each line, these in this order. */
export type Answer =
  /** `release` is what `uname -r` prints. */
  | { readonly type: "kernel"; readonly release: string }
  | { readonly type: "program"; readonly result: ProgramResult }
  /** The last line, without which the runner has ended too early. */
  | { readonly type: "end" };
