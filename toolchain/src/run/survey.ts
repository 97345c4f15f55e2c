import { resolve } from "node:path";
import type { Step } from "../plan/step.ts";
import { Files } from "./files.ts";
import { type Graph, orderSteps } from "./graph.ts";
import { defaultState, type RunOptions } from "./options.ts";
import { type History, openHistory } from "./record.ts";
import { StatCache } from "./statcache.ts";

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

/** Without the cache of stats the next build is slower and no less right. */
export function trySave(cache: StatCache): void {
  try {
    cache.save();
  } catch {}
}
