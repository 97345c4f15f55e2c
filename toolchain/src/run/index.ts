export type { Action, Listener, Reason, RunEvent } from "./events.ts";
export type { RunFailure } from "./failures.ts";
export type { Explanation, RunOptions, RunResult } from "./options.ts";
export { runPlan } from "./run.ts";
