import type { EventOptions, EventSource } from "./source.ts";
import { untilReady } from "./until-ready.ts";
import { CHUNK, NONE, TURN } from "./values.ts";

/** What `for await` over single events uses: it waits for nothing while there is something to read. */
export class EventIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: EventSource<T, unknown>;
  readonly #signal: AbortSignal | undefined;
  readonly #latency: number | undefined;
  /** How many events are handed out between two looks at the clock: fewer where the app takes long over each. */
  #chunk = 16;
  #left = 16;
  #until = performance.now() + TURN;
  #ended = false;
  /** Functions that end the waits of those calls of `next` that are pending. */
  readonly #pending = new Set<() => void>();

  constructor(source: EventSource<T, unknown>, { signal, latency }: EventOptions) {
    this.#source = source;
    this.#signal = signal;
    this.#latency = latency;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#left > 0 && !this.#ended && this.#source.reading(this.#signal)) {
      const value = this.#source.take();
      if (value !== NONE) {
        this.#left--;
        return Promise.resolve({ value, done: false });
      }
    }
    return this.#slow();
  }

  async #slow(): Promise<IteratorResult<T, undefined>> {
    while (!this.#ended && this.#source.reading(this.#signal)) {
      if (this.#left === 0) await this.#rest();
      const value = this.#source.take();
      if (value !== NONE) {
        this.#left--;
        return { value, done: false };
      }
      await untilReady(this.#source, this.#signal, this.#latency, this.#pending);
      this.#until = performance.now() + TURN;
      this.#left = this.#chunk;
    }
    return this.#end();
  }

  #end(): IteratorResult<T, undefined> {
    this.#ended = true;
    if (this.#source.reading(undefined)) this.#source.settle();
    return { value: undefined, done: true };
  }

  /** Promises alone would never let timers and signals through. */
  async #rest(): Promise<void> {
    const late = performance.now() - this.#until;
    if (late < 0) this.#chunk = Math.min(2 * this.#chunk, CHUNK);
    else if (late > TURN) this.#chunk = Math.max(this.#chunk >> 2, 1);
    this.#left = this.#chunk;
    if (late < 0) return;
    await new Promise((resolve) => setImmediate(resolve));
    this.#until = performance.now() + TURN;
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    this.#ended = true;
    for (const end of this.#pending) end();
    return this.#end();
  }
}
