import type { Step } from "../plan/step.ts";
import type { Explanation } from "../run/options.ts";
import { explanationsText } from "./explanations.ts";
import { drawPlan, type PlanFormat } from "./plan.ts";

/** What `build` prints at its end. That is nothing after a real build, because its events were reported as it ran. */
export type BuildReport =
  | { readonly plan: readonly Step[]; readonly root: string; readonly format: PlanFormat }
  | { readonly explanations: readonly Explanation[] }
  | undefined;

/** The text of `bpf-app build --plan` and `--dry-run`. */
export function buildText(report: BuildReport): string {
  if (!report) return "";
  if ("plan" in report) return drawPlan(report.plan, report.root, report.format);
  return explanationsText(report.explanations);
}
