import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { Failure } from "../failure.ts";
import { runCommand, type Surroundings } from "./command.ts";
import { parseDepfile } from "./depfile.ts";
import type { RunFailure } from "./failures.ts";
import type { Files } from "./files.ts";
import type { Facts, Verdict } from "./freshness.ts";
import type { Graph, Node } from "./graph.ts";
import type { RunOptions } from "./options.ts";
import { canonical } from "./paths.ts";
import type { Entry, History } from "./record.ts";
import { Stage } from "./stage.ts";
import { named } from "./system.ts";

/** What carrying out a step needs to know of the run. */
export interface Run {
  readonly options: RunOptions;
  /** The engine's folder, as given in the options. */
  readonly state: string;
  readonly graph: Graph;
  readonly files: Files;
  readonly around: Surroundings;
  /** Steps whose outputs are in their places for this run. */
  readonly done: ReadonlySet<Node>;
  /** Milliseconds since the run began. */
  now(): number;
}

/** Carries out one step: stage, command, publication, record, in this order. */
export async function execute(run: Run, node: Node, verdict: Verdict, history: History): Promise<void> {
  const { step } = node;
  const { listener } = run.options;
  const at = run.now();
  listener({ type: "start", step, reason: verdict.reason, at });
  const stage = new Stage(run.options.root, run.state, node);
  try {
    stage.prepare();
    const started = run.files.changedAt(stage.folder);
    const doneBefore = new Set(run.done);
    const text = await runCommand(step, stage, run.around);
    if (run.options.signal.aborted) throw new Failure<RunFailure>({ kind: "interrupted" });
    if (text) listener({ type: "output", step, text });
    const outputs = await stage.contents();
    const discovered = readDiscovered(run, node, stage, verdict.facts);
    const unsettled = findUnsettled(run, node, verdict.facts, discovered, started, doneBefore);
    const changed = stage.publish(outputs, run.files);
    const ms = run.now() - at;
    const entry: Entry = { ...verdict.facts, discovered, outputs, ms: Math.round(ms) };
    history.write(unsettled === undefined ? entry : { ...entry, unsettled });
    listener({ type: "done", step, at, ms, changed });
  } catch (error) {
    const failure = run.options.signal.aborted
      ? new Failure<RunFailure>({ kind: "interrupted" })
      : named(error, run.state, step);
    reportFailure(run, node, at, failure);
    throw failure;
  } finally {
    stage.tryRemove();
  }
}

function reportFailure(run: Run, { step }: Node, at: number, error: unknown): void {
  const { listener } = run.options;
  const failure = error instanceof Failure ? (error.failure as RunFailure) : undefined;
  if ((failure?.kind === "step-failed" || failure?.kind === "step-killed") && failure.text) {
    listener({ type: "output", step, text: failure.text });
  }
  listener({ type: "failed", step, at, ms: run.now() - at });
}

/** Content of what the depfile names besides the declared inputs and the step's own outputs. */
function readDiscovered(run: Run, node: Node, stage: Stage, facts: Facts): Record<string, string> {
  const { depfile } = node.step;
  const found: Record<string, string> = {};
  if (depfile === undefined) return found;
  const { root } = run.options;
  const staged = canonical(root, resolve(root, stage.place("")));
  for (const name of parseDepfile(readFileSync(stage.resolve(depfile), "utf8")).sort()) {
    const path = canonical(root, name);
    if (path.startsWith(staged) || path in facts.inputs || node.outputs.includes(path)) continue;
    found[path] = run.files.content(path);
  }
  return found;
}

/**
 * An input that may not have been, when the command read it, what it is said to be: it changed since the step was
 * looked at, or after the command began, or another step was to make it and had not.
 */
function findUnsettled(
  run: Run,
  node: Node,
  facts: Facts,
  discovered: Readonly<Record<string, string>>,
  started: bigint,
  doneBefore: ReadonlySet<Node>,
): string | undefined {
  const changed = Object.keys(facts.inputs).find((path) => !run.files.unchanged(path));
  if (changed !== undefined) return changed;
  return Object.keys(discovered).find((path) => {
    const late = [...run.graph.producers(path)].some((other) => other !== node && !doneBefore.has(other));
    return late || run.files.changedAt(path) > started;
  });
}
