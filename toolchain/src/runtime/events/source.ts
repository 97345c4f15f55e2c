import { MAP_NUMBERS, type MapType } from "../../facts/map-types.ts";
import { StateError } from "../errors.ts";
import { BpfMap } from "../maps/map.ts";
import type { Session } from "../session.ts";
import type { MapSpec } from "../spec.ts";
import { Watch } from "../watch.ts";
import { consume } from "./consume.ts";
import { EventIterator } from "./iterator.ts";
import { checkLatency, LATENCY, Pace } from "./pace.ts";
import { PerfReader } from "./perf-reader.ts";
import { RingReader } from "./ring-reader.ts";
import { EventType, type Transport } from "./transport.ts";
import { untilReady } from "./until-ready.ts";
import { NONE } from "./values.ts";

const DEFAULT_PAGES = 64;

/** Stands for a map whose events another run of the app reads at present, in `bpf-app dev`. */
const SILENT: Transport<never, never> = {
  size: 0,
  received: 0,
  consumed: 0,
  available: 0,
  lost: undefined,
  fd: -1,
  saysOnce: false,
  take: () => NONE,
  hand: () => 0,
  settle: () => false,
  close: () => {},
};

/** How long events are read, and how long they may wait. */
export interface EventOptions {
  /** Ends the iteration when it is aborted, without an error. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How many milliseconds an event may wait until it is handed out, while events are frequent; 2 if not given. The reader
   * then sleeps for so long at most and finds many events at once, which costs less than to be woken for each. With 0 it
   * is woken for each. Below a thousand events a second it always is.
   */
  readonly latency?: number | undefined;
}

/** How long events are read, and how many at a time. */
export interface BatchOptions extends EventOptions {
  /** The largest number of events in an array; 1024 if not given. */
  readonly max?: number;
}

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
  #transport: Transport<T, V> | undefined;
  #watch: Watch | undefined;
  #referenced = true;
  #pages = DEFAULT_PAGES;
  readonly #pace = new Pace();
  readonly #lengths = new WeakMap<object, number>();

  /** @internal */
  constructor(session: Session, spec: MapSpec, fd?: number) {
    super(session, spec, fd);
    session.cleanup.add(() => {
      this.#watch?.close();
      this.#transport?.close();
      this.#transport = undefined;
    });
  }

  /**
   * Before load, sets the map's type to `ringbuf` or `perf_event_array`, together with the sizes of key and value that
   * the kernel wants of it; from then on it is read so. A ring buffer's size has to be set with `setMaxEntries` where the
   * program has declared a perf event array.
   *
   * @param type - of `enum bpf_map_type`, its name or its number
   * @throws {@link BpfError} after load, with what libbpf refused
   * @throws {@link StateError} for a map that belongs to no skeleton
   * @throws `RangeError` if there is no type of that name
   */
  override setType(type: MapType | number): void {
    super.setType(type);
    const { type: number } = this.info;
    if (number !== MAP_NUMBERS.perf_event_array && number !== MAP_NUMBERS.ringbuf) return;
    const size = number === MAP_NUMBERS.ringbuf ? 0 : 4;
    this.setKeySize(size);
    this.setValueSize(size);
  }

  /**
   * Sets the size of each CPU's ring, before the rings are opened. It is for a map that the kernel has as a perf event
   * array; the size of a ring buffer is its `maxEntries`.
   *
   * @param pages - how many pages the data has, a power of two; it is 64 if not set
   * @throws {@link StateError} if the rings are open
   * @throws `RangeError` if it is no power of two
   */
  setPages(pages: number): void {
    if (this.#transport) throw new StateError("perf_buffer__new", `the rings of ${this.name} exist already`);
    if (!(pages > 0 && (pages & (pages - 1)) === 0))
      throw new RangeError(`${pages} pages: not a power of two`);
    this.#pages = pages;
  }

  /**
   * Opens the rings of a perf event array, so that events from now on are kept. Reading opens them at the latest. A ring
   * buffer keeps events from load on.
   *
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   * @throws {@link BpfError} if the kernel refuses
   */
  open(): void {
    this.#reader();
  }

  /**
   * The next event as a plain value.
   *
   * @internal
   */
  take(): T | typeof NONE {
    return (this.#transport ?? this.#reader()).take();
  }

  /**
   * Hands the events that are there now to `callback`, as views of the map's own memory. A view is valid until `callback`
   * returns: copy what is to be kept. It is for reading. A ring buffer's memory is mapped for reading only: the fields of a
   * view refuse to be written, but a write to one of its arrays ends the process.
   *
   * @param callback - is given the view, and the event's length in bytes; what it throws, `drain` throws
   * @param limit - the largest number of events that are handed out; all that are there if not given
   * @returns how many were handed out
   * @throws {@link StateError} before load, after the skeleton was destroyed, if `callback` reads events of this map, or for
   * an event that is too short for its type
   */
  drain(callback: (event: V, length: number) => void, limit?: number): number {
    return (this.#transport ?? this.#reader()).hand(callback, limit);
  }

  /**
   * How many bytes an event had as it was sent. A program may send less than the whole struct where that ends in an
   * array, and what is missing is read as zeros. A perf event array rounds lengths up, to 4 less than a multiple of 8,
   * and what it adds is not zeroed.
   *
   * @param event - a struct as a plain value, which this map has given
   */
  lengthOf(event: T): number {
    const length = typeof event === "object" && event !== null ? this.#lengths.get(event) : undefined;
    return length ?? (event instanceof Uint8Array ? event.length : (this.spec.value?.size ?? 0));
  }

  /** How many bytes were written and not read yet, headers and padding included. */
  get available(): number {
    return this.#reader().available;
  }

  /**
   * How many events were lost so far because the map was full, as far as they are counted: of a perf event array those
   * that the kernel reports, which it does once there is room again; of a ring buffer those that the program counts with
   * `BPF_APP_DROPS`, otherwise 0.
   */
  get dropped(): bigint {
    const lost = this.#transport?.lost;
    return lost === undefined ? this.session.counter(this.spec) : BigInt(lost);
  }

  /**
   * Tells the kernel how far reading has come. Returns whether there is more to read.
   *
   * @internal
   */
  settle(): boolean {
    return this.#reader().settle();
  }

  /** Events as plain values, one by one, until the skeleton is destroyed. */
  [Symbol.asyncIterator](): AsyncIterator<T, undefined> {
    return this.events()[Symbol.asyncIterator]();
  }

  /**
   * Events as plain values, one by one, until the signal is aborted or the skeleton destroyed.
   *
   * @throws `RangeError` for a latency that is no number of milliseconds
   */
  events(options: EventOptions = {}): AsyncIterableIterator<T, undefined> {
    checkLatency(options.latency);
    return new EventIterator(this, options);
  }

  /** Events as arrays of plain values, each of all that are there up to a number, until the signal or the skeleton's end. */
  async *batches(options: BatchOptions = {}): AsyncGenerator<T[], void> {
    const { signal, max = 1024, latency } = options;
    checkLatency(latency);
    try {
      while (this.reading(signal)) {
        const batch = this.takeMany(max);
        if (batch.length === 0) {
          await untilReady(this, signal, latency);
          continue;
        }
        yield batch;
        await new Promise((resolve) => setImmediate(resolve));
      }
    } finally {
      if (this.reading(undefined)) this.settle();
    }
  }

  /**
   * The next events as plain values, up to a number.
   *
   * @internal
   */
  takeMany(max: number): T[] {
    const batch: T[] = [];
    for (let event = this.take(); event !== NONE; event = this.take()) if (batch.push(event) >= max) break;
    return batch;
  }

  /**
   * Hands every event to `callback` as it comes, as `drain` does: as a view of the map's own memory, which is valid until
   * `callback` returns, and with its length in bytes.
   *
   * @returns a promise that resolves when the signal is aborted or the skeleton destroyed, and rejects with what
   * `callback` throws
   */
  consume(callback: (event: V, length: number) => void, options: EventOptions = {}): Promise<void> {
    return consume(this, callback, options);
  }

  /** How often the event loop has called for this map. @internal */
  get wakes(): number {
    return this.#watch?.wakes ?? 0;
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
   * Calls `resolve` when there may be something to read, or the skeleton is destroyed.
   *
   * @param resolve - a function of this wait alone, by which `endWait` knows it
   * @returns false if there is no reason to wait; `resolve` is not called then
   * @internal
   */
  ready(resolve: () => void, latency = LATENCY): boolean {
    if (!this.reading(undefined)) return false;
    const { handover } = this.session;
    if (handover?.holds(this)) {
      handover.wait(resolve);
      return true;
    }
    const delay = this.#delay(latency);
    // What came meanwhile waits for the clock as well. While the position stands still, the kernel announces one event.
    if (this.settle() && delay === 0) return false;
    this.#wait(resolve, delay);
    return true;
  }

  /**
   * Ends a wait that `ready` began at once, by calling `resolve`, if it is not over.
   *
   * @internal
   */
  endWait(resolve: () => void): void {
    this.#watch?.end(resolve);
    this.session.handover?.endWait(resolve);
  }

  /**
   * Reads no more, because the next run of the app in `bpf-app dev` reads on from where this one has come to. Who waits for
   * events waits on, for the end.
   *
   * @internal
   */
  pause(): void {
    this.#transport?.settle();
    this.#transport?.close();
    this.#transport = undefined;
    this.#watch?.wake();
  }

  /** How long to wait by the clock, in milliseconds; 0 for the next event. */
  #delay(latency: number): number {
    // Another reader has set the clock, after it has read everything.
    if (this.#watch?.clocked) return latency;
    const { received, consumed, size } = this.#reader();
    return this.#pace.next(received, consumed, size, latency);
  }

  #wait(ready: () => void, delay: number): void {
    this.#watch ??= this.#open(this.#reader().fd);
    this.#watch.wait(ready, delay);
    if (this.#watch.begun && this.#reader().saysOnce) this.#lookAgain();
  }

  /**
   * Looks once more, after two turns of the loop. The kernel says only once that a perf event is readable, and says it
   * first when the loop begins to watch, at a moment when nobody listens yet: what came until then would go unnoticed.
   * The loop does that when it next waits, which may be one turn away.
   */
  #lookAgain(): void {
    const look = () => {
      if (this.#transport?.settle()) this.#watch?.wake();
    };
    setImmediate(() => setImmediate(look));
  }

  #reader(): Transport<T, V> {
    if (this.#transport) return this.#transport;
    const { handover } = this.session;
    if (handover?.holds(this)) return SILENT;
    this.#transport = this.#isPerf() ? this.#openPerf() : this.#openRing();
    handover?.reads(this);
    return this.#transport;
  }

  #openPerf(): Transport<T, V> {
    const fd = this.needFd("perf_buffer__new");
    const type = new EventType<T>(this.spec, this.#lengths, true);
    return new PerfReader(this.session, this.name, fd, this.#pages, type);
  }

  #openRing(): Transport<T, V> {
    const fd = this.needFd("ring_buffer__new");
    const type = new EventType<T>(this.spec, this.#lengths, false);
    return new RingReader(this.session, this.name, fd, this.maxEntries, type);
  }

  /** By the type that the kernel's map has, or will have: a type can be set, and another map be taken. */
  #isPerf(): boolean {
    return this.info.type === MAP_NUMBERS.perf_event_array;
  }

  #open(fd: number): Watch {
    const watch = new Watch(this.session.native, fd);
    watch.referenced = this.#referenced;
    return watch;
  }

  #reference(referenced: boolean): this {
    this.#referenced = referenced;
    if (this.#watch) this.#watch.referenced = referenced;
    return this;
  }
}
