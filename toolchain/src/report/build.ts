import type { Step } from "../plan/step.ts";
import type { Explanation } from "../run/options.ts";
import { explanationsText } from "./explanations.ts";
import { drawPlan, type PlanFormat } from "./plan.ts";

/** What `build` has to show at its end: nothing after a build, whose events were reported while it ran. */
export type BuildReport =
  | { readonly plan: readonly Step[]; readonly root: string; readonly format: PlanFormat }
  | { readonly explanations: readonly Explanation[] }
  | undefined;

export function buildText(report: BuildReport): string {
  if (!report) return "";
  if ("plan" in report) return drawPlan(report.plan, report.root, report.format);
  return explanationsText(report.explanations);
}
