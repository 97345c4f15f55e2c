import type { PlannedStep } from "./graph.ts";

/** How many commands may run at once, whoever counts them. */
export interface Slots {
  /** Takes a slot if one is free. */
  take(): boolean;
  give(): void;
  /** Calls back once, when a slot may have become free. */
  wait(then: () => void): void;
}

export interface Work {
  /** Called when everything the step needs is done; returns whether the step must run. */
  look(node: PlannedStep): boolean;
  run(node: PlannedStep): Promise<void>;
  /** How long the step is expected to take, in any unit. */
  weight(node: PlannedStep): number;
}

/**
 * Runs steps as early as what they need allows, at most as many at once as there are slots, those first that the
 * longest chain of work waits for. After the first error nothing new is started, and the promise rejects with it as
 * soon as what runs has ended. `nodes` are in order.
 */
export function schedule(
  nodes: readonly PlannedStep[],
  slots: Slots,
  work: Work,
  signal: AbortSignal,
): Promise<void> {
  const rank = rankByPath(nodes, work);
  const open = new Map(nodes.map((node) => [node, node.needs.size]));
  const ready: PlannedStep[] = [];
  let running = 0;
  let left = nodes.length;
  let failed: { readonly error: unknown } | undefined;

  return new Promise((settle, reject) => {
    const finish = () => {
      if (running > 0) return;
      if (failed) reject(failed.error);
      else if (left === 0 || signal.aborted) settle();
    };
    const complete = (node: PlannedStep) => {
      const done = [node];
      for (let at = 0; at < done.length; at++) {
        left--;
        for (const next of done[at]!.neededBy) {
          const count = open.get(next);
          if (count === undefined) continue;
          open.set(next, count - 1);
          if (count === 1) admit(next, done);
        }
      }
    };
    const admit = (node: PlannedStep, done: PlannedStep[]) => {
      if (failed || signal.aborted) return;
      try {
        if (work.look(node)) ready.push(node);
        else done.push(node);
      } catch (error) {
        failed ??= { error };
      }
    };
    const start = async (node: PlannedStep) => {
      running++;
      try {
        await work.run(node);
        complete(node);
      } catch (error) {
        failed ??= { error };
      }
      running--;
      slots.give();
      pump();
    };
    let waiting = false;
    const pump = () => {
      while (ready.length && !failed && !signal.aborted) {
        if (!slots.take()) {
          if (!waiting)
            slots.wait(() => {
              waiting = false;
              pump();
            });
          waiting = true;
          break;
        }
        void start(takeFirst(ready, rank));
      }
      finish();
    };
    const done: PlannedStep[] = [];
    for (const node of nodes) if (open.get(node) === 0) admit(node, done);
    for (const node of done) complete(node);
    pump();
  });
}

/** For each step the weight of the heaviest chain that begins with it. */
function rankByPath(nodes: readonly PlannedStep[], work: Work): Map<PlannedStep, number> {
  const rank = new Map<PlannedStep, number>();
  for (const node of nodes.toReversed()) {
    const after = [...node.neededBy].map((next) => rank.get(next) ?? 0);
    rank.set(node, work.weight(node) + Math.max(0, ...after));
  }
  return rank;
}

function takeFirst(ready: PlannedStep[], rank: ReadonlyMap<PlannedStep, number>): PlannedStep {
  let best = 0;
  for (let at = 1; at < ready.length; at++) if (rank.get(ready[at]!)! > rank.get(ready[best]!)!) best = at;
  return ready.splice(best, 1)[0]!;
}
