import { resolve } from "node:path";
import { Failure } from "../failure.ts";
import type { Step } from "../plan/step.ts";
import { execute, type Run } from "./execute.ts";
import type { RunFailure } from "./failures.ts";
import { Files } from "./files.ts";
import { judge, type Verdict } from "./freshness.ts";
import { type Graph, type Node, orderSteps } from "./graph.ts";
import { Jobserver } from "./jobserver.ts";
import { defaultState, type RunOptions, type RunResult } from "./options.ts";
import { type History, openHistory } from "./record.ts";
import { schedule } from "./schedule.ts";
import { Children } from "./spawn.ts";
import { StatCache } from "./statcache.ts";
import { named } from "./system.ts";

/** The state of a folder as one build finds it. */
export interface Survey {
  readonly graph: Graph;
  readonly files: Files;
  readonly cache: StatCache;
  readonly histories: ReadonlyMap<string, History>;
}

export function survey(steps: readonly Step[], options: RunOptions): Survey {
  const state = options.state ?? defaultState;
  const folder = resolve(options.root, state);
  const histories = new Map(steps.map(({ id }) => [id, openHistory(folder, id)]));
  const discovered = (id: string) => Object.keys(histories.get(id)?.latest?.discovered ?? {});
  const graph = orderSteps(options.root, steps, discovered, options.targets);
  const cache = new StatCache(resolve(folder, "stats"));
  return { graph, cache, histories, files: new Files(options.root, cache, `${state.replace(/\/$/, "")}/`) };
}

/**
 * Brings a plan's outputs up to date.
 *
 * A folder in which nothing has changed is only read: no lock is taken and nothing is written. As soon as one step
 * must run, the lock is taken and everything is looked at again.
 */
export async function runPlan(steps: readonly Step[], options: RunOptions): Promise<RunResult> {
  const began = performance.now();
  const now = () => performance.now() - began;
  const { listener } = options;
  let ok = false;
  const count = { ran: 0, skipped: 0 };
  try {
    const found = survey(steps, options);
    listener({ type: "begin", steps: found.graph.nodes.map(({ step }) => step), jobs: options.jobs });
    await build(found, options, now, count);
    ok = true;
    return { ...count, ms: now() };
  } catch (error) {
    throw named(error, options.root);
  } finally {
    listener({ type: "end", ok, ms: now(), ...count });
  }
}

async function build(
  found: Survey,
  options: RunOptions,
  now: () => number,
  count: { ran: number; skipped: number },
): Promise<void> {
  const { graph, files, histories, cache } = found;
  const { listener, signal, root } = options;
  const children = new Children();
  const jobserver = new Jobserver(options.jobs, resolve(root, options.state ?? defaultState, "jobs"));
  const done = new Set<Node>();
  const verdicts = new Map<Node, Verdict>();
  const run: Run = {
    options,
    state: options.state ?? defaultState,
    graph,
    files,
    done,
    now,
    around: {
      root,
      env: options.env,
      actions: options.actions,
      children,
      signal,
      jobserver,
    },
  };
  const stop = () => void children.stop();
  signal.addEventListener("abort", stop);
  try {
    await schedule(
      graph.nodes,
      jobserver,
      {
        look(node) {
          const verdict = judge(root, node, options.env, files, histories.get(node.step.id)!);
          if (verdict.reason.kind !== "fresh") {
            verdicts.set(node, verdict);
            return true;
          }
          count.skipped++;
          done.add(node);
          listener({ type: "skip", step: node.step, reason: verdict.reason });
          return false;
        },
        async run(node) {
          await execute(run, node, verdicts.get(node)!, histories.get(node.step.id)!);
          count.ran++;
          done.add(node);
        },
        weight: (node) => histories.get(node.step.id)?.latest?.ms ?? 100,
      },
      signal,
    );
    if (signal.aborted) throw new Failure<RunFailure>({ kind: "interrupted" });
  } finally {
    signal.removeEventListener("abort", stop);
    jobserver.close();
    cache.save();
  }
}
