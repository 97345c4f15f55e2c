import type { Step } from "../plan/step.ts";
import type { Action, Listener, Reason } from "./events.ts";

export interface RunOptions {
  /** The app's folder, absolute: what relative paths of a plan start from. */
  readonly root: string;
  /** Folder of records, staging, stat cache and lock, relative to `root`. Default `.output/.bpf-app`. */
  readonly state?: string;
  /** How many commands run at once, children of `make` included. */
  readonly jobs: number;
  /** Built-in actions by verb: a step whose program is `bpf-app` runs one of them in this process. */
  readonly actions: Readonly<Record<string, Action>>;
  /** Folder of the per-user cache, absolute; without it `shared` steps are built like any other. */
  readonly cache?: string | undefined;
  readonly listener: Listener;
  /** Stops the run: children are ended, nothing half-written stays, `interrupted` is thrown. */
  readonly signal: AbortSignal;
  /** The caller's environment; `environment.ts` says what of it a step gets. */
  readonly env: NodeJS.ProcessEnv;
  /** Ids of the wanted steps; they and what they need run. Default: all. */
  readonly targets?: readonly string[] | undefined;
}

export interface RunResult {
  /** Steps that were executed. */
  readonly ran: number;
  /** Steps that were up to date or came out of the cache. */
  readonly skipped: number;
  /** Milliseconds. */
  readonly ms: number;
}

export const defaultState = ".output/.bpf-app";

/** What `explainPlan` says of a step: why it would run, or `fresh`, and which steps before it may yet change that. */
export interface Explanation {
  readonly step: Step;
  readonly reason: Reason;
  /** Steps that would run first and whose outputs this one reads. */
  readonly after: readonly Step[];
}
