import { Failure } from "../base/failure.ts";
import type { Words } from "../config/words.ts";
import { drawPlan } from "../report/plan.ts";
import { terminal } from "../report/terminal.ts";
import { reasonText } from "../report/words/run.ts";
import { explainPlan } from "../run/index.ts";
import { ACTIONS } from "./actions.ts";
import { cacheFolder, wantedSteps } from "./build.ts";
import type { CliFailure } from "./failures.ts";
import { prepare } from "./prepare.ts";

const FORMATS = ["text", "json", "dot", "mermaid"];

/** `bpf-app build --plan`: the steps and edges, in words, as JSON or as a picture. */
export async function printPlan(
  root: string,
  assignments: Words["assignments"],
  format: string,
): Promise<number> {
  // `--plan` alone is the text.
  const wanted = format || "text";
  if (!FORMATS.includes(wanted)) {
    const message = `--plan takes ${FORMATS.join(", ")}, not "${wanted}".`;
    throw new Failure<CliFailure>({ kind: "usage", message });
  }
  const { steps } = await prepare(root, assignments);
  terminal.out(drawPlan(steps, root, wanted));
  return 0;
}

/** `bpf-app build --explain --dry-run`: why each step would run. */
export async function printReasons(
  root: string,
  assignments: Words["assignments"],
  targets: readonly string[],
): Promise<number> {
  const { config, steps } = await prepare(root, assignments);
  const explanations = explainPlan(steps, {
    root,
    jobs: 1,
    actions: ACTIONS,
    cache: cacheFolder(),
    listener: () => {},
    signal: new AbortController().signal,
    env: process.env,
    targets: wantedSteps(config, steps, { targets }),
  });
  for (const { step, reason, after } of explanations) {
    const then =
      reason.kind === "fresh" && after.length > 0
        ? `, unless ${after.map((s) => s.subject).join(", ")} changes`
        : "";
    terminal.out(`  ${step.label.padEnd(8)} ${step.subject.padEnd(28)} ${reasonText(reason)}${then}\n`);
  }
  return 0;
}
