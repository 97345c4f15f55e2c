import { failure } from "./errors.ts";
import type { Native, PollHandle } from "./native.ts";

/** Waits, on Node's event loop, until a file descriptor has something to read. */
export class Watch {
  readonly #native: Native;
  #poll: PollHandle | undefined;
  #waiting: (() => void) | undefined;
  #referenced = true;

  constructor(native: Native, fd: number) {
    this.#native = native;
    const poll = native.pollOpen(fd, () => this.#fire());
    if (typeof poll === "number") throw failure("uv_poll_init", poll, `file descriptor ${fd}`);
    this.#poll = poll;
  }

  /** Calls `ready` once; `ready` is also called when the watch is closed. One at a time. */
  wait(ready: () => void): void {
    if (this.#poll === undefined) {
      ready();
      return;
    }
    this.#waiting = ready;
    this.#native.pollRef(this.#poll, this.#referenced);
    this.#native.pollStart(this.#poll);
  }

  /** Whoever waits is called now. */
  wake(): void {
    this.#fire();
  }

  /** Whether waiting keeps the process alive; it does at first. */
  set referenced(referenced: boolean) {
    this.#referenced = referenced;
    if (this.#poll) this.#native.pollRef(this.#poll, referenced);
  }

  close(): void {
    const poll = this.#poll;
    if (poll === undefined) return;
    this.#poll = undefined;
    this.#native.pollClose(poll);
    this.#notify();
  }

  /** Polling goes on only while someone waits: the kernel says "readable" for as long as there is data. */
  #fire(): void {
    if (this.#poll) this.#native.pollStop(this.#poll);
    this.#notify();
  }

  #notify(): void {
    const ready = this.#waiting;
    this.#waiting = undefined;
    ready?.();
  }
}
