import type { Attached, FreshMap, MapShape } from "../facts/handover.ts";
import type { Layouts } from "./dev-layouts.ts";

/** A map whose descriptor dev holds. */
export interface Deposit {
  readonly fd: number;
  readonly shape: MapShape;
  readonly run: Run;
}

export type Deposits = Map<string, Map<string, Deposit>>;

/** What became of the maps of one skeleton. */
export interface LoadedSkeleton {
  readonly skeleton: string;
  readonly kept: readonly string[];
  readonly fresh: readonly FreshMap[];
  /** Data sections that start anew, though with the values of variables that are the same. */
  readonly carried: readonly string[];
}

/** One run of the app, as far as it talks to dev. */
export class Run {
  readonly number: number;
  readonly layouts: Layouts;
  readonly loaded: LoadedSkeleton[] = [];
  readonly attached = new Map<string, Attached>();
  readonly deposits: Deposits = new Map();
  readonly carried = new Map<string, string[]>();
  /** The keys of what it has taken over from the run before. */
  links: readonly string[] = [];
  /** Resolves when it has opened a skeleton. */
  readonly begun = later("begun");
  /** Resolves when everything of it is attached. */
  readonly taken = later("taken");
  /** Resolves when it has detached its programs and reads no more, because the next run has taken over. */
  readonly stopped = later("stopped");
  connection = -1;

  constructor(number: number, layouts: Layouts) {
    this.number = number;
    this.layouts = layouts;
  }
}

/** Something that will have happened, and then has that name. (Node 20 has no Promise.withResolvers.) */
export interface Later<Name extends string> {
  readonly promise: Promise<Name>;
  readonly resolve: () => void;
}

export function later<Name extends string>(name: Name): Later<Name> {
  let resolve: (name: Name) => void = () => {};
  const promise = new Promise<Name>((done) => {
    resolve = done;
  });
  return { promise, resolve: () => resolve(name) };
}
