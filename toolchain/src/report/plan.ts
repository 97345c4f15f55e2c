import type { Step } from "../plan/step.ts";
import { commandLine } from "./command.ts";

/** A plan as text, JSON, Graphviz or Mermaid. An edge runs from the step that makes a file to the one that reads it. */
export function drawPlan(steps: readonly Step[], root: string, format: string): string {
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
    default:
      return steps.map((step) => stepText(step, edges, root)).join("\n");
  }
}

function stepText(step: Step, edges: readonly (readonly [string, string])[], root: string): string {
  const after = edges.filter(([, to]) => to === step.id).map(([from]) => from);
  return [
    `${step.id}\n`,
    `  makes    ${step.outputs.join(" ")}\n`,
    after.length > 0 ? `  after    ${after.join(" ")}\n` : "",
    `  command  ${commandLine(step, root)}\n`,
  ].join("");
}

/** [made by, read by] pairs of step ids. */
export function planEdges(steps: readonly Step[]): (readonly [string, string])[] {
  const maker = (input: string) =>
    steps.find((step) =>
      step.outputs.some((out) => input === out || within(input, out) || within(out, input)),
    );
  return steps.flatMap((step) => {
    const makers = step.inputs.map(maker).filter((from): from is Step => from !== undefined && from !== step);
    return [...new Set(makers.map((from) => from.id))].map((from) => [from, step.id] as const);
  });
}

function within(path: string, folder: string): boolean {
  return folder.endsWith("/") && path.startsWith(folder);
}
