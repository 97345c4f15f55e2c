import { resolve } from "node:path";
import { Failure, isFailure } from "../base/failure.ts";
import { ownedByRoot } from "../base/owner.ts";
import type { Step } from "../plan/step.ts";
import { Cache } from "./cache/cache.ts";
import type { Listener } from "./events.ts";
import { execute, type Run } from "./execute.ts";
import { judge, type Verdict } from "./freshness.ts";
import type { PlannedStep } from "./graph.ts";
import { Jobserver } from "./jobserver.ts";
import { buildMark } from "./leftovers.ts";
import { takeLock } from "./lock.ts";
import { DEFAULT_STATE, type RunOptions, type RunResult } from "./options.ts";
import type { Entry } from "./record.ts";
import { schedule, type Work } from "./schedule.ts";
import { Children } from "./spawn.ts";
import { type Survey, survey, trySave } from "./survey.ts";
import { asRunFailure } from "./system.ts";

/** The assumed duration of a step that has never run, in milliseconds. */
const UNKNOWN_DURATION = 200;

/**
 * Brings the outputs of a plan up to date.
 *
 * If nothing has changed, the folder is only read and no lock is taken. If a step must run, the lock is taken and
 * everything is looked at again.
 * @throws Failure of the layer run; and what an action throws
 */
export async function runPlan(steps: readonly Step[], options: RunOptions): Promise<RunResult> {
  const clock = startClock();
  const { listener } = options;
  const count = { ran: 0, skipped: 0 };
  let ok = false;
  try {
    const found = survey(steps, options);
    const { nodes } = found.graph;
    listener({ type: "begin", steps: nodes.map(({ step }) => step), jobs: options.jobs });
    if (options.signal.aborted) throw new Failure("run", { kind: "interrupted" });
    const fresh = allFresh(found, options);
    if (fresh) {
      count.skipped = nodes.length;
      for (const [node, entry] of fresh) skip(node, entry, listener);
    } else await buildLocked(steps, options, clock, count);
    ok = true;
    return { ...count, ms: clock() };
  } catch (error) {
    throw withOwner(asRunFailure(error, options.root), options.root);
  } finally {
    listener({ type: "end", ok, ms: clock(), ...count });
  }
}

/** Says that a step is up to date, and what it said when it ran. */
function skip({ step }: PlannedStep, entry: Entry | undefined, listener: Listener): void {
  listener({ type: "skip", step, reason: { kind: "fresh" } });
  if (entry?.text !== undefined) listener({ type: "output", step, text: entry.text });
}

/** Looks whether files of root's, which a build with sudo has left, are why there is no permission. */
function withOwner(error: unknown, root: string): unknown {
  if (!isFailure(error, "run") || error.failure.kind !== "permission") return error;
  const rootOwned = ownedByRoot(root, error.failure.path);
  return new Failure("run", { ...error.failure, rootOwned }, { cause: error });
}

function startClock(): () => number {
  const began = performance.now();
  return () => performance.now() - began;
}

/**
 * The steps with their entries if no step must run, and otherwise undefined. Errors count as a step that must, because
 * another build may be at work; under the lock they are thrown.
 */
function allFresh(
  { graph, files, history, cache }: Survey,
  { root, env }: RunOptions,
): Map<PlannedStep, Entry | undefined> | undefined {
  const found = new Map<PlannedStep, Entry | undefined>();
  try {
    for (const node of graph.nodes) {
      const { reason, entry } = judge(root, node, env, files, history(node));
      if (reason.kind !== "fresh") return undefined;
      found.set(node, entry);
    }
    return found;
  } catch {
    return undefined;
  } finally {
    trySave(cache);
  }
}

async function buildLocked(
  steps: readonly Step[],
  options: RunOptions,
  clock: () => number,
  count: { ran: number; skipped: number },
): Promise<void> {
  const { root, env, actions, signal, listener, jobs } = options;
  const state = options.state ?? DEFAULT_STATE;
  const folder = resolve(root, state);
  const lock = await takeLock(root, state, (pid) => listener({ type: "waiting", pid }), signal);
  const children = new Children(buildMark(root, state));
  const jobserver = new Jobserver(jobs, resolve(folder, "jobs"));
  let stopped: Promise<void> | undefined;
  const stop = () => {
    stopped ??= children.stop();
  };
  signal.addEventListener("abort", stop);
  try {
    const found = survey(steps, options);
    const around = { root, env, actions, children, signal, jobserver };
    const done = new Set<PlannedStep>();
    const cache = options.cache === undefined ? undefined : Cache.open(options.cache, root);
    const run: Run = {
      options,
      state,
      graph: found.graph,
      files: found.files,
      done,
      now: clock,
      around,
      cache,
    };
    try {
      await schedule(found.graph.nodes, jobserver, makeWork(run, found, done, count), signal);
    } finally {
      trySave(found.cache);
    }
    if (signal.aborted) throw new Failure("run", { kind: "interrupted" });
  } finally {
    signal.removeEventListener("abort", stop);
    await stopped;
    jobserver.close();
    lock.release();
  }
}

function makeWork(
  run: Run,
  { files, history }: Survey,
  done: Set<PlannedStep>,
  count: { ran: number; skipped: number },
): Work {
  const { root, env, listener } = run.options;
  const verdicts = new Map<PlannedStep, Verdict>();
  return {
    look(node) {
      const verdict = judge(root, node, env, files, history(node));
      verdicts.set(node, verdict);
      if (verdict.reason.kind !== "fresh") return true;
      count.skipped++;
      done.add(node);
      skip(node, verdict.entry, listener);
      return false;
    },
    async run(node, gate) {
      const verdict = verdicts.get(node) ?? judge(root, node, env, files, history(node));
      const how = await execute(run, node, verdict, history(node), gate);
      if (how === "held") return false;
      if (how === "ran") count.ran++;
      else count.skipped++;
      done.add(node);
      return true;
    },
    weight: (node) => history(node).latest?.ms ?? UNKNOWN_DURATION,
  };
}
