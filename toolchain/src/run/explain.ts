import { isFailure } from "../base/failure.ts";
import type { Step } from "../plan/step.ts";
import type { Reason } from "./events.ts";
import type { Files } from "./files.ts";
import { judge } from "./freshness.ts";
import type { PlannedStep } from "./graph.ts";
import type { Explanation, RunOptions } from "./options.ts";
import type { History } from "./record.ts";
import { survey, trySave } from "./survey.ts";

/**
 * Tells of each step whether it would run and why, without running anything. A step that is fresh now may still have to
 * run once the steps before it have run.
 */
export function explainPlan(steps: readonly Step[], options: RunOptions): Explanation[] {
  const { graph, files, history, cache } = survey(steps, options);
  const stale = new Set<PlannedStep>();
  const explained = graph.nodes.map((node) => {
    const after = [...node.needs].filter((need) => stale.has(need));
    const reason = explain(options, node, files, history(node), after);
    if (reason.kind !== "fresh" || after.length) stale.add(node);
    return { step: node.step, reason, after: after.map(({ step }) => step) };
  });
  trySave(cache);
  return explained;
}

/** A missing input is not a fault if a step that has still to run may make it. */
function explain(
  { root, env }: RunOptions,
  node: PlannedStep,
  files: Files,
  history: History,
  after: readonly PlannedStep[],
): Reason {
  try {
    return judge(root, node, env, files, history).reason;
  } catch (error) {
    if (!isFailure(error, "run") || error.failure.kind !== "missing-input" || !after.length) throw error;
    return history.latest ? { kind: "input-removed", path: error.failure.path } : { kind: "never-built" };
  }
}
