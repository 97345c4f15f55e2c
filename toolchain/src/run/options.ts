import type { Step } from "../plan/step.ts";
import type { Action, Listener, Reason } from "./events.ts";

/** How a plan is run. */
export interface RunOptions {
  /** The app's folder, absolute. Relative paths of the plan start from here. */
  readonly root: string;
  /** The folder of the records, the stages, the stat cache and the lock, relative to `root`. Default: DEFAULT_STATE. */
  readonly state?: string;
  /** How many commands run at once, including the children of `make`. */
  readonly jobs: number;
  /** The built-in actions by verb. A step whose program is `bpf-app` runs one of them in this process. */
  readonly actions: Readonly<Record<string, Action>>;
  /** The folder of the user's cache, absolute. Without it, steps with `shared` are built like any other. */
  readonly cache?: string | undefined;
  readonly listener: Listener;
  /** Stops the run: its children are ended, no half-written file stays, and the run fails as `interrupted`. */
  readonly signal: AbortSignal;
  /** The caller's environment. `environment.ts` says which part of it a step gets. */
  readonly env: NodeJS.ProcessEnv;
  /** The ids of the wanted steps. They run together with the steps that they need. Default: all steps. */
  readonly targets?: readonly string[] | undefined;
}

/** What a run has done. */
export interface RunResult {
  /** The number of steps that were executed. */
  readonly ran: number;
  /** The number of steps that were up to date or came out of the cache. */
  readonly skipped: number;
  /** The duration in milliseconds. */
  readonly ms: number;
}

/** The engine's own folder in an app. */
export const DEFAULT_STATE = ".output/.bpf-app";

/** What `explainPlan` says of a step: why it would run, or that it is fresh. */
export interface Explanation {
  readonly step: Step;
  readonly reason: Reason;
  /** The steps that would run first and whose outputs this one reads. They may still make it run. */
  readonly after: readonly Step[];
}
