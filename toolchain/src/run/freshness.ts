import { Failure } from "../base/failure.ts";
import { comparedEnvironment } from "./environment.ts";
import type { Reason } from "./events.ts";
import { ABSENT, type Files } from "./files.ts";
import type { PlannedStep } from "./graph.ts";
import { describeOutput } from "./output.ts";
import { under } from "./paths.ts";
import type { Entry, History } from "./record.ts";

/** Everything that the outputs of a step would depend on if it ran now, except for the inputs that it discovers. */
export type Facts = Pick<Entry, "command" | "env" | "tools" | "inputs">;

/** Whether a step is fresh, or why it must run. */
export interface Verdict {
  readonly reason: Reason;
  readonly facts: Facts;
  /** For a fresh step the entry that describes its present state. That need not be the latest entry. */
  readonly entry?: Entry;
}

/**
 * Judges whether a step must run.
 * @throws Failure missing-input
 */
export function judge(
  root: string,
  node: PlannedStep,
  env: NodeJS.ProcessEnv,
  files: Files,
  history: History,
): Verdict {
  const facts = gather(node, env, files);
  const { latest } = history;
  if (!latest) return { reason: { kind: history.damaged ? "record-unreadable" : "never-built" }, facts };
  const reason = compare(root, node, facts, latest, files);
  if (reason.kind === "fresh") return { reason, facts, entry: latest };
  let nearest = reason;
  for (const entry of history.earlier()) {
    const other = compare(root, node, facts, entry, files);
    if (other.kind === "fresh") return { reason: other, facts, entry };
    if (!nearest.kind.startsWith("output-") && depth(other) > depth(nearest)) nearest = other;
  }
  return { reason: nearest, facts };
}

/**
 * How similar an earlier state is to the present one, judged by the first difference that was found. If no earlier
 * state fits, the reason is taken from the most similar one. A difference in the outputs does not count, because the
 * outputs are those of the latest state anyway.
 */
function depth({ kind }: Reason): number {
  if (kind.startsWith("output-")) return 0;
  return ["command-changed", "environment-changed", "tool-changed"].indexOf(kind) + 1 || 4;
}

function gather(node: PlannedStep, env: NodeJS.ProcessEnv, files: Files): Facts {
  const { step } = node;
  const { argv, outputs, stdout, depfile } = step;
  return {
    command: JSON.stringify({ argv, outputs, stdout, depfile }),
    env: comparedEnvironment(step, env),
    tools: Object.fromEntries(step.tools.map(({ name, identity }) => [name, identity])),
    inputs: inputContents(node, files),
  };
}

function inputContents(node: PlannedStep, files: Files): Record<string, string> {
  const contents: Record<string, string> = {};
  for (const path of node.inputs) {
    if (!path.endsWith("/")) {
      contents[path] = files.content(path);
      if (contents[path] === ABSENT) throw missing(node, path);
      continue;
    }
    const below = files.list(path);
    if (!below) throw missing(node, path);
    for (const file of below) if (!isOwn(node, file)) contents[file] = files.content(file);
  }
  return contents;
}

function isOwn(node: PlannedStep, file: string): boolean {
  return node.outputs.some((output) => output === file || (output.endsWith("/") && file.startsWith(output)));
}

function missing({ step }: PlannedStep, path: string): Failure<"run"> {
  return new Failure("run", { kind: "missing-input", step, path });
}

function compare(root: string, node: PlannedStep, facts: Facts, entry: Entry, files: Files): Reason {
  if (entry.command !== facts.command) return { kind: "command-changed" };
  const name = firstDifference(entry.env, facts.env);
  if (name !== undefined) return { kind: "environment-changed", name };
  const tool = firstDifference(entry.tools, facts.tools);
  if (tool !== undefined) return { kind: "tool-changed", tool };
  if (entry.unsettled !== undefined) return { kind: "input-changed", path: entry.unsettled };
  const path = firstDifference(entry.inputs, facts.inputs);
  if (path !== undefined) {
    const kind = !(path in entry.inputs)
      ? "input-added"
      : !(path in facts.inputs)
        ? "input-removed"
        : "input-changed";
    return { kind, path };
  }
  for (const [path, content] of Object.entries(entry.discovered)) {
    const now = files.content(path);
    if (now !== content) return { kind: now === ABSENT ? "input-removed" : "input-changed", path };
  }
  return compareOutputs(root, node, entry, files);
}

function compareOutputs(root: string, node: PlannedStep, entry: Entry, files: Files): Reason {
  const now = outputContents(root, node, files);
  for (const [path, content] of Object.entries(entry.outputs)) {
    if (now[path] === undefined) return { kind: "output-missing", path };
    if (now[path] !== content) return { kind: "output-changed", path };
  }
  const path = firstDifference(entry.outputs, now);
  return path === undefined ? { kind: "fresh" } : { kind: "output-changed", path };
}

/** The content and permission bits of every output that exists, by its path. Folders are replaced by their files. */
export function outputContents(root: string, node: PlannedStep, files: Files): Record<string, string> {
  const contents: Record<string, string> = {};
  for (const output of node.outputs) {
    for (const path of output.endsWith("/") ? (files.list(output) ?? []) : [output]) {
      const text = describeOutput(under(root, path), () => files.content(path));
      if (text !== undefined) contents[path] = text;
    }
  }
  return contents;
}

/** The first name whose values differ, or undefined. */
function firstDifference(
  a: Readonly<Record<string, string>>,
  b: Readonly<Record<string, string>>,
): string | undefined {
  for (const name in b) if (a[name] !== b[name]) return name;
  for (const name in a) if (!(name in b)) return name;
  return undefined;
}
