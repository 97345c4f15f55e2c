import { BpfMap } from "../maps/map.ts";
import type { Session } from "../session.ts";
import type { MapSpec } from "../spec.ts";
import { Watch } from "../watch.ts";

/** What is returned in place of an event where there is none. */
export const NONE: unique symbol = Symbol("none");

/** How long events are read. */
export interface EventOptions {
  /** Ends the iteration when it is aborted, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/** How long events are read, and how many at a time. */
export interface BatchOptions extends EventOptions {
  /** The largest number of events in an array; 1024 if not given. */
  readonly max?: number;
}

/** For how many milliseconds events are handed out before other things on the event loop get their turn. */
const TURN = 8;
/** How many events are handed out between two looks at the clock. */
const CHUNK = 256;

/**
 * A map that events come out of: a {@link RingBuffer} or a {@link PerfEventArray}. Every event goes to one reader: if there
 * are several, to the one that asks first. They are woken in the order in which they began to wait, and the end of one
 * leaves the others reading.
 *
 * Events wait in the map until they are asked for, so that a slow reader costs no memory here. The kernel side drops
 * events when the map is full, and counts them. Before load reading throws a {@link StateError}; the end of the skeleton
 * ends it without an error.
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

  /**
   * The next event as a plain value.
   *
   * @internal
   */
  abstract take(): T | typeof NONE;

  /**
   * Hands the events that are there now to `callback`, as views of the map's own memory. A view is valid until `callback`
   * returns: copy what is to be kept. It is for reading. A ring buffer's memory is mapped for reading only: the fields of a
   * view refuse to be written, but a write to one of its arrays ends the process.
   *
   * @param callback - what it throws, `drain` throws
   * @param limit - the largest number of events that are handed out; all that are there if not given
   * @returns how many were handed out
   * @throws {@link StateError} before load, after the skeleton was destroyed, if `callback` reads events of this map, or for
   * an event that is shorter than its type
   */
  abstract drain(callback: (event: V) => void, limit?: number): number;

  /** How many events were lost so far because the map was full, as far as they are counted. */
  abstract get dropped(): bigint;

  /**
   * Tells the kernel how far reading has come. Returns whether there is more to read.
   *
   * @internal
   */
  abstract settle(): boolean;
  /**
   * The descriptor that becomes readable when there are events.
   *
   * @internal
   */
  protected abstract watchFd(): number;
  /**
   * Lets go of the memory that is mapped.
   *
   * @internal
   */
  protected abstract release(): void;

  /** Events as plain values, one by one, until the skeleton is destroyed. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return this.events()[Symbol.asyncIterator]();
  }

  /** Events as plain values, one by one, until the signal is aborted or the skeleton destroyed. */
  events(options: EventOptions = {}): AsyncIterableIterator<T, undefined> {
    return new EventIterator(this, options.signal);
  }

  /** Events as arrays of plain values, each of all that are there up to a number, until the signal or the skeleton's end. */
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
   * Hands every event to `callback` as it comes, as `drain` does: as a view of the map's own memory, which is valid until
   * `callback` returns.
   *
   * @returns a promise that resolves when the signal is aborted or the skeleton destroyed, and rejects with what
   * `callback` throws
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

  /** Lets the process end while it waits for events of this map. At first waiting keeps it alive. */
  unref(): this {
    return this.#reference(false);
  }

  /** Lets waiting for events keep the process alive again, after `unref`. */
  ref(): this {
    return this.#reference(true);
  }

  /**
   * Whether there is a reason to read on.
   *
   * @internal
   */
  reading(signal: AbortSignal | undefined): boolean {
    return !signal?.aborted && this.session.state !== "destroyed";
  }

  /**
   * Calls `resolve` when there may be something to read, or no reason to wait.
   *
   * @returns a function that ends the wait at once
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

/** What `for await` over single events uses: it waits for nothing while there is something to read. */
class EventIterator<T> implements AsyncIterableIterator<T, undefined> {
  readonly #source: EventSource<T, unknown>;
  readonly #signal: AbortSignal | undefined;
  /** How many events are handed out between two looks at the clock: fewer where the app takes long over each. */
  #chunk = 16;
  #left = 16;
  #until = performance.now() + TURN;
  #ended = false;
  /** Functions that end the waits of those calls of `next` that are pending. */
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
