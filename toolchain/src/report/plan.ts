import { planEdges } from "../plan/edges.ts";
import type { Step } from "../plan/step.ts";
import { commandLine } from "./command.ts";

/** The formats of `build --plan`. */
export const PLAN_FORMATS = ["text", "json", "dot", "mermaid"] as const;
export type PlanFormat = (typeof PLAN_FORMATS)[number];

/** A plan in one of the formats. An edge goes from the step that makes a file to the step that reads it. */
export function drawPlan(steps: readonly Step[], format: PlanFormat): string {
  const edges = planEdges(steps);
  switch (format) {
    case "json":
      return `${JSON.stringify({ steps, edges }, null, 2)}\n`;
    case "dot":
      return `digraph plan {\n  rankdir=LR;\n  node [shape=box];\n${steps.map((s) => `  "${s.id}" [label="${s.label}\\n${s.subject}"];\n`).join("")}${edges.map(([a, b]) => `  "${a}" -> "${b}";\n`).join("")}}\n`;
    case "mermaid": {
      const node = (id: string) => id.replaceAll(/[^A-Za-z0-9]/g, "_");
      return `flowchart LR\n${steps.map((s) => `  ${node(s.id)}["${s.label} ${s.subject}"]\n`).join("")}${edges.map(([a, b]) => `  ${node(a)} --> ${node(b)}\n`).join("")}`;
    }
    case "text":
      return steps.map((step) => stepText(step, edges)).join("\n");
  }
}

function stepText(step: Step, edges: readonly (readonly [string, string])[]): string {
  const after = edges.filter(([, to]) => to === step.id).map(([from]) => from);
  return [
    `${step.id}\n`,
    `  makes    ${step.outputs.join(" ")}\n`,
    after.length > 0 ? `  after    ${after.join(" ")}\n` : "",
    `  command  ${commandLine(step)}\n`,
  ].join("");
}
