import { Failure } from "../base/failure.ts";
import type { Step } from "../plan/step.ts";
import { ancestors, canonical } from "./paths.ts";

/** A step together with the steps that it needs and those that need it. */
export interface PlannedStep {
  readonly step: Step;
  readonly inputs: readonly string[];
  /** The step's outputs without those that lie below another output of the same step. */
  readonly outputs: readonly string[];
  /** The steps that must have ended before this one is judged. */
  readonly needs: Set<PlannedStep>;
  readonly neededBy: Set<PlannedStep>;
  /** The steps that must have ended before the outputs of this one are published. */
  readonly gates: Set<PlannedStep>;
  /** The steps whose outputs wait for this one. */
  readonly gated: Set<PlannedStep>;
}

/** The steps of a plan in an order in which they can run. */
export interface Graph {
  /** Every step comes before the steps that need it. */
  readonly nodes: readonly PlannedStep[];
  /** The steps that make this path, something below it, or a folder that contains it. */
  producers(path: string): Set<PlannedStep>;
}

/**
 * Orders the steps of a plan. Only the steps named by `targets`, and those that they need, are kept.
 *
 * `discovered` tells which files a step has read when it last ran, in addition to its declared inputs. They order steps
 * in the same way as inputs. They are ignored where that would make a circle, because then they come from an earlier
 * plan, and where a step would have to wait for outputs that wait for itself.
 * @throws Failure duplicate-step, duplicate-output, dependency-cycle, unknown-step
 */
export function orderSteps(
  root: string,
  steps: readonly Step[],
  discovered: (id: string) => readonly string[] = () => [],
  targets?: readonly string[],
): Graph {
  const all = makeNodes(root, steps);
  const producers = indexOutputs(all);
  for (const node of all) connect(node, node.inputs, producers);
  sortNodes(all);
  setGates(all);
  for (const node of all)
    connect(node, discovered(node.step.id), producers, (producer) => !leadsTo(node, producer));
  return { nodes: wanted(sortNodes(all), targets), producers };
}

function makeNodes(root: string, steps: readonly Step[]): PlannedStep[] {
  const ids = new Set<string>();
  return steps.map((step) => {
    if (ids.has(step.id)) throw new Failure("run", { kind: "duplicate-step", id: step.id });
    ids.add(step.id);
    const outputs = [...new Set(step.outputs.map((path) => canonical(root, path)))];
    return {
      step,
      inputs: [...new Set(step.inputs.map((path) => canonical(root, path)))],
      outputs: outputs.filter((path) => ![...ancestors(path)].some((folder) => outputs.includes(folder))),
      needs: new Set(),
      neededBy: new Set(),
      gates: new Set(),
      gated: new Set(),
    };
  });
}

function indexOutputs(nodes: readonly PlannedStep[]): (path: string) => Set<PlannedStep> {
  const exact = new Map<string, PlannedStep>();
  const within = new Map<string, Set<PlannedStep>>();
  for (const node of nodes) {
    for (const path of node.outputs) {
      const other = exact.get(path) ?? [...ancestors(path)].map((folder) => exact.get(folder)).find(Boolean);
      if (other) throw duplicate(path, other, node);
      exact.set(path, node);
      for (const folder of ancestors(path)) {
        const made = within.get(folder);
        if (made) made.add(node);
        else within.set(folder, new Set([node]));
      }
    }
  }
  for (const [path, node] of exact) {
    const inside = path.endsWith("/")
      ? [...(within.get(path) ?? [])].find((other) => other !== node)
      : undefined;
    if (inside) throw duplicate(path, node, inside);
  }
  return (path) => {
    const found = new Set(path.endsWith("/") ? within.get(path) : []);
    for (const place of [path, ...ancestors(path)]) {
      const node = exact.get(place);
      if (node) found.add(node);
    }
    return found;
  };
}

function duplicate(path: string, first: PlannedStep, second: PlannedStep): Failure<"run"> {
  return new Failure("run", { kind: "duplicate-output", path, steps: [first.step.id, second.step.id] });
}

function connect(
  node: PlannedStep,
  paths: readonly string[],
  producers: Graph["producers"],
  allowed: (producer: PlannedStep) => boolean = () => true,
): void {
  for (const path of paths) {
    for (const producer of producers(path)) {
      if (producer === node || node.needs.has(producer) || !allowed(producer)) continue;
      node.needs.add(producer);
      producer.neededBy.add(node);
    }
  }
}

/** @throws Failure unknown-step, dependency-cycle */
function setGates(nodes: readonly PlannedStep[]): void {
  for (const node of nodes) {
    for (const id of node.step.publishAfter ?? []) {
      const gate = find(nodes, id);
      if (leadsTo(node, gate))
        throw new Failure("run", { kind: "dependency-cycle", steps: [gate.step.id, node.step.id] });
      node.gates.add(gate);
      gate.gated.add(node);
    }
  }
}

/** @throws Failure unknown-step */
function find(nodes: readonly PlannedStep[], id: string): PlannedStep {
  const node = nodes.find(({ step }) => step.id === id);
  if (node) return node;
  throw new Failure("run", { kind: "unknown-step", id, known: nodes.map(({ step }) => step.id) });
}

/** Whether `to` waits for `from`: for its outputs, or for outputs that are published after it. */
function leadsTo(from: PlannedStep, to: PlannedStep): boolean {
  return from === to || [...from.neededBy, ...from.gated].some((next) => leadsTo(next, to));
}

/**
 * Sorts the steps by Kahn's algorithm.
 * @throws Failure dependency-cycle
 */
function sortNodes(nodes: readonly PlannedStep[]): PlannedStep[] {
  const open = new Map(nodes.map((node) => [node, node.needs.size]));
  const sorted = nodes.filter((node) => node.needs.size === 0);
  // The list grows while the loop goes through it.
  for (const node of sorted) {
    for (const next of node.neededBy) {
      const left = (open.get(next) ?? 0) - 1;
      open.set(next, left);
      if (left === 0) sorted.push(next);
    }
  }
  if (sorted.length < nodes.length) throw cycle(nodes.filter((node) => (open.get(node) ?? 0) > 0));
  return sorted;
}

function cycle(stuck: readonly PlannedStep[]): Failure<"run"> {
  const path: PlannedStep[] = [];
  // Every stuck step needs another stuck one, so this walk comes back to a step where it has been.
  let node = stuck[0];
  while (node && !path.includes(node)) {
    path.push(node);
    node = [...node.needs].find((need) => stuck.includes(need));
  }
  const circle = path.slice(node ? path.indexOf(node) : 0).reverse();
  return new Failure("run", { kind: "dependency-cycle", steps: circle.map(({ step }) => step.id) });
}

function wanted(
  nodes: readonly PlannedStep[],
  targets: readonly string[] | undefined,
): readonly PlannedStep[] {
  if (!targets) return nodes;
  const keep = new Set<PlannedStep>();
  const add = (node: PlannedStep) => {
    if (keep.has(node)) return;
    keep.add(node);
    node.needs.forEach(add);
    node.gates.forEach(add);
  };
  for (const target of targets) add(find(nodes, target));
  return nodes.filter((node) => keep.has(node));
}
