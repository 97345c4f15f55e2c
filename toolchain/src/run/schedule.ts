import type { PlannedStep } from "./graph.ts";

/** How many commands may run at once. A run and the `make`s in it share one count. */
export interface Slots {
  /** Takes a slot if one is free, and returns whether it did. */
  take(): boolean;
  give(): void;
  /** Calls back once, when a slot may have become free. */
  wait(then: () => void): void;
}

/** What `schedule` does with the steps. */
export interface Work {
  /** Called when everything that the step needs is done. Returns whether the step must run. */
  look(node: PlannedStep): boolean;
  /**
   * Runs a step. When its outputs are ready to appear it calls `gate`, which resolves to whether they may: to true as
   * soon as the steps that have to succeed before are done, to false if that will never be. It resolves to whether the
   * step is done.
   */
  run(node: PlannedStep, gate: () => Promise<boolean>): Promise<boolean>;
  /** How long the step is expected to take, in any unit. */
  weight(node: PlannedStep): number;
}

/**
 * Runs every step as soon as the steps that it needs are done and a slot is free. If several steps are ready, the one
 * at the head of the longest chain of work is started first. After the first error, or when the signal fires, no
 * further step is started; the promise settles when the running ones have ended, and rejects with that error. A step
 * that waits at its gate has no slot.
 *
 * @param nodes the steps, each after those that it needs
 */
export function schedule(
  nodes: readonly PlannedStep[],
  slots: Slots,
  work: Work,
  signal: AbortSignal,
): Promise<void> {
  return new Promise((settle, reject) => new Schedule(nodes, slots, work, signal, settle, reject).begin());
}

class Schedule {
  readonly #nodes: readonly PlannedStep[];
  readonly #slots: Slots;
  readonly #work: Work;
  readonly #signal: AbortSignal;
  readonly #settle: () => void;
  readonly #reject: (error: unknown) => void;
  readonly #rank: ReadonlyMap<PlannedStep, number>;
  /** For each step, how many of the steps that it needs are not done. */
  readonly #open: Map<PlannedStep, number>;
  /** The steps that must run and can be started. */
  readonly #ready: PlannedStep[] = [];
  #running = 0;
  /** How many steps are not done. */
  #left: number;
  #failed: { readonly error: unknown } | undefined;
  #waiting = false;
  readonly #done = new Set<PlannedStep>();
  /** The steps that wait at their gates, and what tells them whether it opens. */
  readonly #gated = new Map<PlannedStep, (open: boolean) => void>();

  constructor(
    nodes: readonly PlannedStep[],
    slots: Slots,
    work: Work,
    signal: AbortSignal,
    settle: () => void,
    reject: (error: unknown) => void,
  ) {
    this.#nodes = nodes;
    this.#slots = slots;
    this.#work = work;
    this.#signal = signal;
    this.#settle = settle;
    this.#reject = reject;
    this.#rank = rankByPath(nodes, work);
    this.#open = new Map(nodes.map((node) => [node, node.needs.size]));
    this.#left = nodes.length;
  }

  begin(): void {
    const done: PlannedStep[] = [];
    for (const node of this.#nodes) if (this.#open.get(node) === 0) this.#admit(node, done);
    for (const node of done) this.#complete(node);
    this.#startReady();
  }

  get #stopped(): boolean {
    return this.#failed !== undefined || this.#signal.aborted;
  }

  /** Looks at a step whose needs are done. It becomes ready or, if it need not run, is added to `done`. */
  #admit(node: PlannedStep, done: PlannedStep[]): void {
    if (this.#stopped) return;
    try {
      if (this.#work.look(node)) this.#ready.push(node);
      else done.push(node);
    } catch (error) {
      this.#failed ??= { error };
    }
  }

  #complete(node: PlannedStep): void {
    const done = [node];
    // The list grows while the loop goes through it: a step that need not run is done at once.
    for (const each of done) {
      this.#left--;
      this.#done.add(each);
      for (const next of each.neededBy) {
        const count = this.#open.get(next);
        if (count === undefined) continue;
        this.#open.set(next, count - 1);
        if (count === 1) this.#admit(next, done);
      }
    }
  }

  #startReady(): void {
    this.#openGates();
    while (this.#ready.length > 0 && !this.#stopped) {
      if (!this.#slots.take()) {
        this.#waitForSlot();
        break;
      }
      void this.#start(takeFirst(this.#ready, this.#rank));
    }
    if (this.#running > 0) return;
    if (this.#failed) this.#reject(this.#failed.error);
    else if (this.#left === 0 || this.#signal.aborted) this.#settle();
  }

  #waitForSlot(): void {
    if (this.#waiting) return;
    this.#waiting = true;
    this.#slots.wait(() => {
      this.#waiting = false;
      this.#startReady();
    });
  }

  async #start(node: PlannedStep): Promise<void> {
    this.#running++;
    let held = true;
    const letGo = () => {
      if (held) this.#slots.give();
      held = false;
    };
    try {
      if (await this.#work.run(node, () => this.#gate(node, letGo))) this.#complete(node);
    } catch (error) {
      this.#failed ??= { error };
    }
    this.#running--;
    letGo();
    this.#startReady();
  }

  #isOpen(node: PlannedStep): boolean {
    return [...node.gates].every((gate) => this.#done.has(gate));
  }

  /** Resolves to whether the outputs of a step may appear. While it waits, another step has its slot. */
  #gate(node: PlannedStep, letGo: () => void): Promise<boolean> {
    if (this.#isOpen(node)) return Promise.resolve(true);
    return new Promise((settle) => {
      this.#gated.set(node, settle);
      this.#signal.addEventListener("abort", this.#openGates, { once: true });
      letGo();
      this.#startReady();
    });
  }

  readonly #openGates = () => {
    for (const [node, settle] of this.#gated) {
      const open = this.#isOpen(node);
      if (!open && !this.#stopped) continue;
      this.#gated.delete(node);
      settle(open);
    }
  };
}

/** For each step the weight of the heaviest chain that begins with it. What only waits to appear is not part of it. */
function rankByPath(nodes: readonly PlannedStep[], work: Work): Map<PlannedStep, number> {
  const rank = new Map<PlannedStep, number>();
  for (const node of nodes.toReversed()) {
    const after = [...node.neededBy].map((next) => rank.get(next) ?? 0);
    rank.set(node, work.weight(node) + Math.max(0, ...after));
  }
  return rank;
}

/** Takes the step of the highest rank out of `ready`, which must not be empty. */
function takeFirst(ready: PlannedStep[], rank: ReadonlyMap<PlannedStep, number>): PlannedStep {
  const ranks = ready.map((node) => rank.get(node) ?? 0);
  // biome-ignore lint/style/noNonNullAssertion: the list is not empty, so there is a highest rank.
  return ready.splice(ranks.indexOf(Math.max(...ranks)), 1)[0]!;
}
