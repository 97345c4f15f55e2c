export { type CacheContents, type Pruned, pruneCache, showCache } from "./cache/manage.ts";
export type { Action, Listener, Reason, RunEvent } from "./events.ts";
export { explainPlan } from "./explain.ts";
export type { RunFailure } from "./failures.ts";
export { madeFiles } from "./made.ts";
export type { Explanation, RunOptions, RunResult } from "./options.ts";
export { runPlan } from "./run.ts";
