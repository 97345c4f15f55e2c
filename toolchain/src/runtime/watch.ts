import { failure } from "./errors.ts";
import type { Native, PollHandle } from "./native.ts";

/** Waits, on Node's event loop, until a file descriptor has something to read. */
export class Watch {
  readonly #native: Native;
  #poll: PollHandle | undefined;
  /** All who wait, in the order in which they came. */
  readonly #waiting = new Set<() => void>();
  #referenced = true;

  /** @throws {@link BpfError} if the descriptor cannot be watched */
  constructor(native: Native, fd: number) {
    this.#native = native;
    const poll = native.pollOpen(fd, () => this.wake());
    if (typeof poll === "number") throw failure("uv_poll_init", poll, `file descriptor ${fd}`);
    this.#poll = poll;
  }

  /**
   * Calls `ready` once, when there is something to read or the watch is closed. All who wait are called then: there may
   * be enough for each, and whoever finds nothing left waits again.
   *
   * @returns a function that ends this wait now, by calling `ready`, while the others wait on
   */
  wait(ready: () => void): () => void {
    if (this.#poll === undefined) {
      ready();
      return () => {};
    }
    // Each wait has a function of its own, as the same `ready` may wait twice.
    const waiter = () => ready();
    this.#waiting.add(waiter);
    this.#native.pollRef(this.#poll, this.#referenced);
    this.#native.pollStart(this.#poll);
    return () => {
      if (!this.#waiting.delete(waiter)) return;
      if (this.#waiting.size === 0) this.#rest();
      waiter();
    };
  }

  /** Calls all who wait. */
  wake(): void {
    this.#rest();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const waiter of waiting) waiter();
  }

  /** Sets whether waiting keeps the process alive, as it does at first. */
  set referenced(referenced: boolean) {
    this.#referenced = referenced;
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
    if (this.#poll) this.#native.pollStop(this.#poll);
  }
}
