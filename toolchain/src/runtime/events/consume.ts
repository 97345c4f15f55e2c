import { checkLatency } from "./pace.ts";
import type { EventOptions, EventSource } from "./source.ts";
import { CHUNK, TURN } from "./values.ts";

/** The most events that are handed out between two looks at the clock: fast callbacks are through with them in less than a turn. */
const MOST = 1 << 13;

/** What `consume` does. It reads in the very call of the event loop that says that there are events, and makes no promises. */
export function consume<V>(
  source: EventSource<unknown, V>,
  callback: (event: V, length: number) => void,
  options: EventOptions,
): Promise<void> {
  return new Promise((resolve, reject) => {
    checkLatency(options.latency);
    new Consumer(source, callback, options, resolve, reject).start();
  });
}

class Consumer<V> {
  readonly #source: EventSource<unknown, V>;
  readonly #callback: (event: V, length: number) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #latency: number | undefined;
  readonly #resolve: () => void;
  readonly #reject: (reason: unknown) => void;
  readonly #read = () => this.#turn();
  readonly #abort = () => this.#source.endWait(this.#read);
  /** How many events are handed out between two looks at the clock: fewer where the callback takes long over each. */
  #chunk = CHUNK;

  constructor(
    source: EventSource<unknown, V>,
    callback: (event: V, length: number) => void,
    { signal, latency }: EventOptions,
    resolve: () => void,
    reject: (reason: unknown) => void,
  ) {
    this.#source = source;
    this.#callback = callback;
    this.#signal = signal;
    this.#latency = latency;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    this.#signal?.addEventListener("abort", this.#abort);
    this.#turn();
  }

  #turn(): void {
    try {
      const more = this.#hand();
      if (!this.#source.reading(this.#signal)) {
        this.#end(this.#resolve);
        return;
      }
      if (more || !this.#source.ready(this.#read, this.#latency)) setImmediate(this.#read);
    } catch (fault) {
      this.#end(() => this.#reject(fault));
    }
  }

  /** Hands out events until there are no more, or others have to get their turn. Returns whether there may be more. */
  #hand(): boolean {
    const source = this.#source;
    const signal = this.#signal;
    const until = performance.now() + TURN;
    while (source.reading(signal)) {
      const chunk = this.#chunk;
      if (source.drain(this.#callback, chunk) < chunk) return false;
      const left = until - performance.now();
      if (left > TURN / 2) this.#chunk = Math.min(2 * chunk, MOST);
      else if (left < -TURN) this.#chunk = Math.max(chunk >> 2, 1);
      if (left <= 0) return true;
    }
    return false;
  }

  #end(settled: () => void): void {
    this.#signal?.removeEventListener("abort", this.#abort);
    if (this.#source.reading(undefined)) this.#source.settle();
    settled();
  }
}
