import type { Explanation } from "../run/options.ts";
import { reasonText } from "./reasons.ts";

/** One line for each step, which says whether and why it would run. */
export function explanationsText(explanations: readonly Explanation[]): string {
  return explanations.map(line).join("");
}

function line({ step, reason, after }: Explanation): string {
  const unless =
    reason.kind === "fresh" && after.length > 0
      ? `, unless ${after.map((s) => s.subject).join(", ")} changes`
      : "";
  return `  ${step.label.padEnd(8)} ${step.subject.padEnd(28)} ${reasonText(reason)}${unless}\n`;
}
