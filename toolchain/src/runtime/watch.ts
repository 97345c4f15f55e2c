import { failure } from "./errors.ts";
import type { Native, PollHandle } from "./native.ts";

/** Waits, on Node's event loop, until a file descriptor has something to read. */
export class Watch {
  readonly #native: Native;
  #poll: PollHandle | undefined;
  /** All who wait, in the order in which they came. */
  #waiting: (() => void)[] = [];
  /** When the clock goes off, on the clock of `performance.now`; never while it is not set. */
  #due = Number.POSITIVE_INFINITY;
  #wakes = 0;
  #begun = false;
  /** Whether the event loop is just calling because the descriptor is readable, and who is called waits for it again. */
  #called = false;
  #again = false;

  /** @throws {@link BpfError} if the descriptor cannot be watched */
  constructor(native: Native, fd: number) {
    this.#native = native;
    const poll = native.pollOpen(fd, (events) => this.#woken(events));
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
   * @param ready - a function of this wait alone, by which `end` knows it
   * @param delay - if it is not 0, `ready` is called after so many milliseconds, and until then only if somebody else waits
   * for the descriptor
   */
  wait(ready: () => void, delay = 0): void {
    const poll = this.#poll;
    if (poll === undefined) {
      ready();
      return;
    }
    this.#waiting.push(ready);
    this.#begin(poll, delay);
  }

  /** Ends a wait now, by calling its `ready`, while the others wait on. One that is over stays so. */
  end(ready: () => void): void {
    const at = this.#waiting.indexOf(ready);
    if (at < 0) return;
    this.#waiting.splice(at, 1);
    if (this.#waiting.length === 0) this.#rest();
    ready();
  }

  #begin(poll: PollHandle, delay: number): void {
    if (delay === 0) {
      // What it returns tells the loop to poll on, which takes no call into the addon.
      this.#begun = !this.#called && this.#native.pollStart(poll) === 1;
      this.#again ||= this.#called;
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

  /**
   * Is called by the event loop, with 0 if it is the clock that has gone off. Polling ends by itself if nobody waits once
   * this and its microtasks are over.
   *
   * @returns whether somebody waits for the descriptor already
   */
  #woken(events: number): boolean {
    this.#wakes++;
    this.#called = events !== 0;
    this.#again = false;
    try {
      this.#call();
      return this.#again;
    } finally {
      this.#called = false;
    }
  }

  #call(): void {
    this.#due = Number.POSITIVE_INFINITY;
    const waiting = this.#waiting;
    // Most maps have one reader, and then nothing has to be made anew at each wake.
    if (waiting.length === 1) {
      (waiting.pop() as () => void)();
      return;
    }
    this.#waiting = [];
    for (const ready of waiting) ready();
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
    // Whoever waits from now on has to begin polling.
    this.#called = false;
    this.#again = false;
    if (this.#poll) this.#native.pollStop(this.#poll);
  }
}
