import type { FromApp, FromDev } from "../../facts/handover.ts";
import { EAGAIN } from "../errno.ts";
import type { Native } from "../native.ts";
import { Watch } from "../watch.ts";

/** A message of dev's, with the descriptors that came with it, which belong to whoever receives it. */
export interface Received {
  readonly message: FromDev;
  readonly descriptors: readonly number[];
}

/** How long dev may take to read a message, in milliseconds. It builds in child processes, and so is never busy for long. */
const SEND_TIME = 5000;

/** The app's end of the connection to `bpf-app dev`. */
export class Line {
  readonly #native: Native;
  readonly #gone: () => void;
  #fd: number;
  #watch: Watch | undefined;

  /** @param gone - is called once, when dev has ended or does not listen */
  constructor(native: Native, fd: number, gone: () => void) {
    this.#native = native;
    this.#fd = fd;
    this.#gone = gone;
  }

  /** Whether there is still somebody at the other end. */
  get open(): boolean {
    return this.#fd >= 0;
  }

  /** Sends a message. It returns false, and the line is closed, if that cannot be done. */
  send(message: FromApp, descriptors: readonly number[] = []): boolean {
    if (this.#fd < 0) return false;
    const error = this.#native.handoverSend(this.#fd, JSON.stringify(message), descriptors, SEND_TIME);
    if (error < 0) this.close();
    return error === 0;
  }

  /** The next message; undefined if none comes within that many milliseconds, or the line is closed. */
  receive(milliseconds: number): Received | undefined {
    if (this.#fd < 0) return undefined;
    const received = this.#native.handoverReceive(this.#fd, milliseconds);
    if (received === EAGAIN) return undefined;
    if (received === null || typeof received === "number") {
      this.close();
      return undefined;
    }
    return { message: JSON.parse(received.text) as FromDev, descriptors: received.descriptors };
  }

  /** Calls `ready` whenever there may be a message. It does not keep the process alive. */
  listen(ready: () => void): void {
    this.#watch = new Watch(this.#native, this.#fd);
    this.#watch.referenced = false;
    const wait = () =>
      this.#watch?.wait(() => {
        if (this.#fd < 0) return;
        ready();
        wait();
      });
    wait();
  }

  /** Sets whether listening keeps the process alive. */
  set referenced(referenced: boolean) {
    if (this.#watch && this.#fd >= 0) this.#watch.referenced = referenced;
  }

  close(): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    this.#watch?.close();
    this.#native.closeFd(fd);
    this.#gone();
  }
}
