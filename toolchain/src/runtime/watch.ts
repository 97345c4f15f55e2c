import { failure } from "./errors.ts";
import type { Native, PollHandle } from "./native.ts";

/** Waits, on Node's event loop, until a file descriptor has something to read. */
export class Watch {
  readonly #native: Native;
  #poll: PollHandle | undefined;
  /** All who wait, in the order in which they came. */
  #waiting = new Set<() => void>();
  /** When the clock goes off, on the clock of `performance.now`; never while it is not set. */
  #due = Number.POSITIVE_INFINITY;
  #wakes = 0;
  #begun = false;

  /** @throws {@link BpfError} if the descriptor cannot be watched */
  constructor(native: Native, fd: number) {
    this.#native = native;
    const poll = native.pollOpen(fd, () => this.#woken());
    if (typeof poll === "number") throw failure("uv_poll_init", poll, `file descriptor ${fd}`);
    this.#poll = poll;
  }

  /** How often the event loop has called so far. */
  get wakes(): number {
    return this.#wakes;
  }

  /** Whether the wait that was asked for last has begun to watch the descriptor, which nobody did before it. */
  get begun(): boolean {
    return this.#begun;
  }

  /** Whether somebody waits by the clock. */
  get clocked(): boolean {
    return this.#due !== Number.POSITIVE_INFINITY;
  }

  /**
   * Calls `ready` once, when there is something to read or the watch is closed. All who wait are called then: there may
   * be enough for each, and whoever finds nothing left waits again.
   *
   * @param delay - if it is not 0, `ready` is called after so many milliseconds, and until then only if somebody else waits
   * for the descriptor
   * @returns a function that ends this wait now, by calling `ready`, while the others wait on
   */
  wait(ready: () => void, delay = 0): () => void {
    const poll = this.#poll;
    if (poll === undefined) {
      ready();
      return () => {};
    }
    // Each wait has a function of its own, as the same `ready` may wait twice.
    const waiter = () => ready();
    this.#waiting.add(waiter);
    this.#begin(poll, delay);
    return () => {
      if (!this.#waiting.delete(waiter)) return;
      if (this.#waiting.size === 0) this.#rest();
      waiter();
    };
  }

  #begin(poll: PollHandle, delay: number): void {
    if (delay === 0) {
      this.#begun = this.#native.pollStart(poll) === 1;
      return;
    }
    this.#begun = false;
    const due = performance.now() + delay;
    if (due >= this.#due) return;
    this.#due = due;
    this.#native.pollAfter(poll, Math.round(delay * 1000));
  }

  /** Calls all who wait. */
  wake(): void {
    this.#rest();
    this.#call();
  }

  /** Is called by the event loop, which ends polling by itself if nobody waits once this and its microtasks are over. */
  #woken(): void {
    this.#wakes++;
    this.#call();
  }

  #call(): void {
    this.#due = Number.POSITIVE_INFINITY;
    const waiting = this.#waiting;
    if (waiting.size === 0) return;
    this.#waiting = new Set();
    for (const waiter of waiting) waiter();
  }

  /** Sets whether waiting keeps the process alive, as it does at first. */
  set referenced(referenced: boolean) {
    if (this.#poll) this.#native.pollRef(this.#poll, referenced);
  }

  /** Ends the watch, and every wait. */
  close(): void {
    const poll = this.#poll;
    if (poll === undefined) return;
    this.#poll = undefined;
    this.#native.pollClose(poll);
    this.wake();
  }

  /** Ends polling, which goes on only while someone waits: the kernel says "readable" for as long as there is data. */
  #rest(): void {
    this.#due = Number.POSITIVE_INFINITY;
    if (this.#poll) this.#native.pollStop(this.#poll);
  }
}
