import { resolve } from "node:path";
import type { Step } from "../plan/step.ts";
import { Files } from "./files.ts";
import { type Graph, orderSteps, type PlannedStep } from "./graph.ts";
import { DEFAULT_STATE, type RunOptions } from "./options.ts";
import { type History, openHistory } from "./record.ts";
import { StatCache } from "./stat-cache.ts";

/** The state of a folder as one build finds it. */
export interface Survey {
  readonly graph: Graph;
  readonly files: Files;
  readonly cache: StatCache;
  /** The records of a step. */
  history(node: PlannedStep): History;
}

/** Reads the records and the stat cache, and orders the steps. */
export function survey(steps: readonly Step[], options: RunOptions): Survey {
  const state = options.state ?? DEFAULT_STATE;
  const folder = resolve(options.root, state);
  const histories = new Map(steps.map(({ id }) => [id, openHistory(folder, id)]));
  const history = ({ step }: PlannedStep) => histories.get(step.id) ?? openHistory(folder, step.id);
  const discovered = (id: string) => Object.keys(histories.get(id)?.latest?.discovered ?? {});
  const graph = orderSteps(options.root, steps, discovered, options.targets);
  const cache = new StatCache(resolve(folder, "stats"));
  return { graph, cache, history, files: new Files(options.root, cache, `${state.replace(/\/$/, "")}/`) };
}

/** Saves the stat cache if that is possible. */
export function trySave(cache: StatCache): void {
  try {
    cache.save();
  } catch {
    // Without it the next build is slower, but its result is the same.
  }
}
