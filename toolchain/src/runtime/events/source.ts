import { BpfMap } from "../maps/map.ts";
import type { Session } from "../session.ts";
import type { MapSpec } from "../spec.ts";
import { Watch } from "../watch.ts";

/** There was no event. */
export const NONE: unique symbol = Symbol("none");

export interface EventOptions {
  /** Ends the iteration when it is aborted, without an error. */
  readonly signal?: AbortSignal | undefined;
}

export interface BatchOptions extends EventOptions {
  /** At most that many events at a time; 1024 if not given. */
  readonly max?: number;
}

/** How long events are handed out before other things on the event loop get their turn, in milliseconds. */
const TURN = 8;
/** Events between two looks at the clock. */
const CHUNK = 256;

/**
 * A map that events come out of. Every event goes to one reader: if there are several, to whoever asks first. They are
 * asked in the order in which they began to wait, and the end of one leaves the others reading.
 *
 * Events wait in the map until they are asked for, so a slow reader costs no memory here; the kernel side drops events
 * when the map is full, and counts them.
 */
export abstract class EventSource<T, V> extends BpfMap implements AsyncIterable<T> {
  #watch: Watch | undefined;
  #referenced = true;

  /** @internal */
  constructor(session: Session, spec: MapSpec, fd?: number) {
    super(session, spec, fd);
    session.cleanup.add(() => {
      this.#watch?.close();
      this.release();
    });
  }

  /** The next event, as a plain value. @internal */
  abstract take(): T | typeof NONE;

  /**
   * Hands the events that are there to `callback`, as views that are valid only until it returns.
   *
   * @param limit the largest number of events that is handed out
   * @returns how many there were
   */
  abstract drain(callback: (event: V) => void, limit?: number): number;

  /** How many events were lost for want of space so far. */
  abstract get dropped(): bigint;

  /** Tells the kernel how far reading has come; true if there is more to read. @internal */
  abstract settle(): boolean;
  /** The descriptor that becomes readable. @internal */
  protected abstract watchFd(): number;
  /** @internal */
  protected abstract release(): void;

  /** Events as plain values, until the skeleton is destroyed. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return this.events()[Symbol.asyncIterator]();
  }

  /** Events as plain values, until the signal or the end of the skeleton. */
  events(options: EventOptions = {}): AsyncIterableIterator<T, undefined> {
    return new EventIterator(this, options.signal);
  }

  /** Events as arrays of plain values: all that are there, up to a number. */
  async *batches(options: BatchOptions = {}): AsyncGenerator<T[], void> {
    const { signal, max = 1024 } = options;
    while (this.reading(signal)) {
      const batch: T[] = [];
      for (let event = this.take(); event !== NONE; event = this.take()) {
        if (batch.push(event) >= max) break;
      }
      if (batch.length === 0) {
        await new Promise<void>((resolve) => this.ready(resolve, signal));
        continue;
      }
      this.settle();
      yield batch;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /**
   * Hands every event to `callback` as it comes, as a view on the map's own memory: copy what is to be kept. Resolves
   * at the signal or the end of the skeleton; rejects with what `callback` throws.
   */
  async consume(callback: (event: V) => void, options: EventOptions = {}): Promise<void> {
    const { signal } = options;
    while (this.reading(signal)) {
      const until = performance.now() + TURN;
      let count = 0;
      do {
        count = this.drain(callback, CHUNK);
      } while (count === CHUNK && performance.now() < until && this.reading(signal));
      if (count === CHUNK) await new Promise((resolve) => setImmediate(resolve));
      else await new Promise<void>((resolve) => this.ready(resolve, signal));
    }
  }

  /** Waiting for events keeps the process alive; after `unref` it does not. */
  unref(): this {
    return this.#reference(false);
  }

  ref(): this {
    return this.#reference(true);
  }

  /** @internal */
  reading(signal: AbortSignal | undefined): boolean {
    return !signal?.aborted && this.session.state !== "destroyed";
  }

  /**
   * Calls `resolve` when there may be something to read, or no reason to wait.
   *
   * @returns ends the wait at once
   * @internal
   */
  ready(resolve: () => void, signal: AbortSignal | undefined): () => void {
    if (!this.reading(signal) || this.settle()) {
      resolve();
      return () => {};
    }
    this.#watch ??= this.#open();
    let cancel = () => {};
    const abort = () => cancel();
    // What is no signal throws here, to whoever gave it, and not when the wait ends.
    signal?.addEventListener("abort", abort, { once: true });
    cancel = this.#watch.wait(() => {
      signal?.removeEventListener("abort", abort);
      resolve();
    });
    return cancel;
  }

  #open(): Watch {
    const watch = new Watch(this.session.native, this.watchFd());
    watch.referenced = this.#referenced;
    return watch;
  }

  #reference(referenced: boolean): this {
    this.#referenced = referenced;
    if (this.#watch) this.#watch.referenced = referenced;
    return this;
  }
}

/** `for await` over single events: no promise is pending while there is something to read. */
class EventIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: EventSource<T, unknown>;
  readonly #signal: AbortSignal | undefined;
  /** Events between two looks at the clock: fewer where the app takes long over each. */
  #chunk = 16;
  #left = 16;
  #until = performance.now() + TURN;
  #ended = false;
  /** Ends the waits of `next` calls that are pending. */
  readonly #pending = new Set<() => void>();

  constructor(source: EventSource<T, unknown>, signal: AbortSignal | undefined) {
    this.#source = source;
    this.#signal = signal;
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
      await this.#wait();
      this.#until = performance.now() + TURN;
      this.#left = this.#chunk;
    }
    this.#ended = true;
    return { value: undefined, done: true };
  }

  async #wait(): Promise<void> {
    let cancel = () => {};
    await new Promise<void>((resolve) => {
      cancel = this.#source.ready(resolve, this.#signal);
      this.#pending.add(cancel);
    });
    this.#pending.delete(cancel);
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
    for (const cancel of this.#pending) cancel();
    if (this.#source.reading(undefined)) this.#source.settle();
    return { value: undefined, done: true };
  }
}
