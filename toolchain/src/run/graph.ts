import { Failure } from "../base/failure.ts";
import type { Step } from "../plan/step.ts";
import { ancestors, canonical } from "./paths.ts";

/** A step among its neighbours. */
export interface PlannedStep {
  readonly step: Step;
  readonly inputs: readonly string[];
  /** Without those that lie below another output of the same step. */
  readonly outputs: readonly string[];
  /** Steps that must end before this one is looked at. */
  readonly needs: Set<PlannedStep>;
  readonly neededBy: Set<PlannedStep>;
}

export interface Graph {
  /** What each comes before what it is needed by. */
  readonly nodes: readonly PlannedStep[];
  /** Who makes this path, or something below or around it. */
  producers(path: string): Set<PlannedStep>;
}

/**
 * Orders a plan. `discovered` tells which files a step read beyond its declared inputs when it last ran; they order
 * steps as inputs do, unless that would make a circle, for then they are of a plan that no longer exists.
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

function leadsTo(from: PlannedStep, to: PlannedStep): boolean {
  return from === to || [...from.neededBy].some((next) => leadsTo(next, to));
}

/** Kahn's algorithm; throws `dependency-cycle`. */
function sortNodes(nodes: readonly PlannedStep[]): PlannedStep[] {
  const open = new Map(nodes.map((node) => [node, node.needs.size]));
  const sorted = nodes.filter((node) => node.needs.size === 0);
  for (let at = 0; at < sorted.length; at++) {
    for (const next of sorted[at]!.neededBy) {
      const left = open.get(next)! - 1;
      open.set(next, left);
      if (left === 0) sorted.push(next);
    }
  }
  if (sorted.length < nodes.length) throw cycle(nodes.filter((node) => open.get(node)! > 0));
  return sorted;
}

function cycle(stuck: readonly PlannedStep[]): Failure<"run"> {
  const path: PlannedStep[] = [];
  let node = stuck[0]!;
  while (!path.includes(node)) {
    path.push(node);
    node = [...node.needs].find((need) => stuck.includes(need))!;
  }
  const circle = path.slice(path.indexOf(node)).reverse();
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
  };
  for (const target of targets) {
    const node = nodes.find(({ step }) => step.id === target);
    if (!node) {
      const known = nodes.map(({ step }) => step.id);
      throw new Failure("run", { kind: "unknown-step", id: target, known });
    }
    add(node);
  }
  return nodes.filter((node) => keep.has(node));
}
