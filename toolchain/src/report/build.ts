import type { Step } from "../plan/step.ts";
import type { Explanation } from "../run/options.ts";
import { explanationsText } from "./explanations.ts";
import { drawPlan, type PlanFormat } from "./plan.ts";
import { terminal } from "./terminal.ts";

/** What `build` prints at its end. That is nothing after a real build, because its events were reported as it ran. */
export type BuildReport =
  | { readonly plan: readonly Step[]; readonly format: PlanFormat }
  | { readonly explanations: readonly Explanation[] }
  | undefined;

/** What an app lacks whose types are not checked. */
export type Unchecked = "tsconfig.json" | "typescript";

const LACKS: Readonly<Record<Unchecked, string>> = {
  "tsconfig.json": "the app has no tsconfig.json",
  typescript: "the app does not depend on TypeScript (npm install -D typescript)",
};

/** Says that executables are made of what was not checked. */
export function reportUnchecked(lack: Unchecked): void {
  terminal.error(`bpf-app: The types are not checked, because ${LACKS[lack]}.\n`);
}

/** The text of `bpf-app build --plan` and `--dry-run`. */
export function buildText(report: BuildReport): string {
  if (!report) return "";
  if ("plan" in report) return drawPlan(report.plan, report.format);
  return explanationsText(report.explanations);
}
