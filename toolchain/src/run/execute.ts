import { dirname, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import { readIfThere } from "../base/replace-file.ts";
import type { Step } from "../plan/step.ts";
import { parseBuildInfo } from "./build-info.ts";
import type { Cache } from "./cache/cache.ts";
import type { Manifest } from "./cache/manifest.ts";
import { runCommand, type Surroundings } from "./command.ts";
import { parseDepfile } from "./depfile.ts";
import type { RunFailure } from "./failures.ts";
import type { Files } from "./files.ts";
import type { Facts, Verdict } from "./freshness.ts";
import type { Graph, PlannedStep } from "./graph.ts";
import type { RunOptions } from "./options.ts";
import { canonical } from "./paths.ts";
import type { Entry, History } from "./record.ts";
import { Stage } from "./stage.ts";
import { asRunFailure } from "./system.ts";

/** What `execute` needs to know of the run. */
export interface Run {
  readonly options: RunOptions;
  /** The engine's folder, as given in the options. */
  readonly state: string;
  readonly graph: Graph;
  readonly files: Files;
  readonly around: Surroundings;
  readonly cache: Cache | undefined;
  /** The steps whose outputs are up to date by now. */
  readonly done: ReadonlySet<PlannedStep>;
  /** Milliseconds since the run began. */
  now(): number;
}

/** How much of what a command says is kept, in characters. */
const KEPT_TEXT = 64 << 10;

/**
 * Executes one step: prepares its stage, runs its command or asks the cache, publishes the outputs, writes the record.
 * Before it publishes, it calls `gate`. If that resolves to false, the result is "held": nothing has changed.
 */
export async function execute(
  run: Run,
  node: PlannedStep,
  verdict: Verdict,
  history: History,
  gate: () => Promise<boolean>,
): Promise<"ran" | "restored" | "held"> {
  const { step } = node;
  const { listener, signal } = run.options;
  const stage = new Stage(run.options.root, run.state, node);
  const at = run.now();
  const begin = () => listener({ type: "start", step, reason: verdict.reason, at });
  let begun = false;
  try {
    if (await restore(run, node, stage, verdict.facts, history)) return "restored";
    begin();
    begun = true;
    stage.prepare();
    const started = run.files.changedAt(stage.folder);
    const doneBefore = new Set(run.done);
    const text = await runCommand(step, stage, run.around);
    if (signal.aborted) throw new Failure("run", { kind: "interrupted" });
    if (text) listener({ type: "output", step, text });
    if (step.shared && run.cache) stage.protectShared();
    const outputs = await stage.contents();
    const discovered = readDiscovered(run, node, stage, verdict.facts);
    const ms = Math.round(run.now() - at);
    const entry: Entry = { ...verdict.facts, discovered, outputs, ms, ...keptText(step, text) };
    if (!(await gate())) return "held";
    const { changed, settled } = settle(run, node, stage, entry, history, started, doneBefore);
    listener({ type: "done", step, at, ms: run.now() - at, changed });
    if (step.shared && settled)
      await run.cache?.store(step.id, entry, (path) => resolve(run.options.root, path));
    return "ran";
  } catch (error) {
    const failure = signal.aborted
      ? new Failure("run", { kind: "interrupted" })
      : asRunFailure(error, run.state, step);
    if (!begun) begin();
    reportFailure(run, node, at, failure);
    throw failure;
  } finally {
    stage.tryRemove();
  }
}

/**
 * What a step has said is said again whenever it is skipped. Of what apps share nothing is kept: it is not made of the
 * user's sources, so its warnings concern nobody here.
 */
function keptText(step: Step, text: string): Pick<Entry, "text"> {
  if (step.shared || text === "") return {};
  if (text.length <= KEPT_TEXT) return { text };
  const end = text.lastIndexOf("\n", KEPT_TEXT);
  return { text: `${text.slice(0, end < 0 ? KEPT_TEXT : end)}\n…\n` };
}

/** Takes the outputs of a shared step out of the cache, if it has them. */
async function restore(
  run: Run,
  node: PlannedStep,
  stage: Stage,
  facts: Facts,
  history: History,
): Promise<boolean> {
  const { step } = node;
  if (!step.shared || !run.cache) return false;
  stage.prepare();
  const started = run.files.changedAt(stage.folder);
  const found = await run.cache.restore(facts, run.files, (path) => stage.resolve(path));
  if (!found) return false;
  settle(run, node, stage, { ...facts, ...pickResult(found) }, history, started, new Set(run.done));
  run.options.listener({ type: "skip", step, reason: { kind: "restored" } });
  return true;
}

function pickResult({ discovered, outputs, ms }: Manifest): Pick<Entry, "discovered" | "outputs" | "ms"> {
  return { discovered, outputs, ms };
}

/** Publishes the staged outputs, and then writes the record. */
function settle(
  run: Run,
  node: PlannedStep,
  stage: Stage,
  entry: Entry,
  history: History,
  started: bigint,
  doneBefore: ReadonlySet<PlannedStep>,
): { changed: boolean; settled: boolean } {
  const unsettled = findUnsettled(run, node, entry, started, doneBefore);
  const changed = stage.publish(entry.outputs, run.files);
  history.write(unsettled === undefined ? entry : { ...entry, unsettled });
  return { changed, settled: unsettled === undefined };
}

function reportFailure(run: Run, { step }: PlannedStep, at: number, error: unknown): void {
  const { listener } = run.options;
  const failure = error instanceof Failure ? (error.failure as RunFailure) : undefined;
  if ((failure?.kind === "step-failed" || failure?.kind === "step-killed") && failure.text) {
    listener({ type: "output", step, text: failure.text });
  }
  listener({ type: "failed", step, at, ms: run.now() - at });
}

/** The content of the files that the depfile names, without the declared inputs and the step's own outputs. */
function readDiscovered(run: Run, node: PlannedStep, stage: Stage, facts: Facts): Record<string, string> {
  const { depfile } = node.step;
  const found: Record<string, string> = {};
  if (depfile === undefined) return found;
  const { root } = run.options;
  const staged = canonical(root, resolve(root, stage.place("")));
  const names = readDepfile(stage.resolve(depfile));
  if (names === undefined)
    throw new Failure("run", { kind: "output-not-made", step: node.step, path: depfile });
  for (const name of names.sort()) {
    const path = canonical(root, name);
    if (path.startsWith(staged) || path in facts.inputs || node.outputs.includes(path)) continue;
    found[path] = run.files.content(path);
  }
  return found;
}

function readDepfile(file: string): string[] | undefined {
  const text = readIfThere(file);
  if (text === undefined) return undefined;
  return file.endsWith(".tsbuildinfo") ? parseBuildInfo(text, dirname(file)) : parseDepfile(text);
}

/**
 * Finds an input whose content, when the command read it, may have been another than the recorded one. That is so if
 * it has changed since the step was judged, if a discovered input has changed since the command began, or if another
 * step makes that input and had not finished when the command began.
 */
function findUnsettled(
  run: Run,
  node: PlannedStep,
  { inputs, discovered }: Entry,
  started: bigint,
  doneBefore: ReadonlySet<PlannedStep>,
): string | undefined {
  const changed = [...node.inputs, ...Object.keys(inputs)].find((path) => !run.files.unchanged(path));
  if (changed !== undefined) return changed;
  return Object.keys(discovered).find((path) => {
    const late = [...run.graph.producers(path)].some((other) => other !== node && !doneBefore.has(other));
    return late || run.files.changedAt(path) > started;
  });
}
