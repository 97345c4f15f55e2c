import type { Slots } from "./schedule.ts";

/** Slots that only this process draws on. */
export class OwnSlots implements Slots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(jobs: number) {
    this.#free = Math.max(1, jobs);
  }

  take(): boolean {
    if (this.#free === 0) return false;
    this.#free--;
    return true;
  }

  give(): void {
    this.#free++;
    for (const then of this.#waiting.splice(0)) then();
  }

  wait(then: () => void): void {
    this.#waiting.push(then);
  }
}
