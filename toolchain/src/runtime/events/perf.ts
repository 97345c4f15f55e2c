import { failure, StateError } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { PerfHandle } from "../native.ts";
import { callLibbpf, type Session } from "../session.ts";
import type { Codec, MapSpec, StructCodec, View } from "../spec.ts";
import { EventSource, NONE } from "./source.ts";
import { BYTES, BYTES_IN_PLACE } from "./values.ts";

/** Where data_head and data_tail are in `struct perf_event_mmap_page`, and types of records: see linux/perf_event.h. */
const DATA_HEAD = 1024;
const DATA_TAIL = 1032;
const PERF_RECORD_LOST = 2;
const PERF_RECORD_SAMPLE = 9;
/** Where in a sample its data begins: behind the record's header of 8 bytes and the data's length of 4. */
const SAMPLE_DATA = 12;
/** More than a record can hold, as its size has 16 bits. */
const SCRATCH = 1 << 16;
const DEFAULT_PAGES = 64;

/**
 * A perf event array (BPF_MAP_TYPE_PERF_EVENT_ARRAY), out of which events come. It has one ring for each CPU, and they are
 * read by turns, so that only events of the same CPU are in order. It works on every kernel that has BPF; since Linux 5.8
 * a {@link RingBuffer} is better.
 *
 * `T` is an event as a plain value, `W` its view. Without a type, events are bytes.
 */
export class PerfEventArray<T = Uint8Array, W = Uint8Array> extends EventSource<T, W> {
  readonly #codec: Codec<T, never>;
  readonly #inPlace: Codec<unknown, never>;
  readonly #View: (new (m: Memory, at: number) => View) | undefined;
  /** A sample begins at 4 modulo 8 and may go over the ring's end: it is copied here to be read. */
  readonly #sample = Memory.alloc(SCRATCH);
  #pages = DEFAULT_PAGES;
  #perf: PerfHandle | undefined;
  #rings: PerfRing[] = [];
  #turn = 0;
  #lost = 0;

  /** @internal */
  constructor(session: Session, spec: MapSpec, fd?: number) {
    super(session, spec, fd);
    this.#codec = (spec.value ?? BYTES) as Codec<T, never>;
    this.#inPlace = spec.value ?? BYTES_IN_PLACE;
    this.#View = (spec.value as Partial<StructCodec<T, View>> | undefined)?.View;
  }

  /**
   * Sets the size of each CPU's ring, before the rings are opened.
   *
   * @param pages - how many pages the data has, a power of two; it is 64 if not set
   * @throws {@link StateError} if the rings are open
   * @throws `RangeError` if it is no power of two
   */
  setPages(pages: number): void {
    if (this.#perf) throw new StateError("perf_buffer__new", `the rings of ${this.name} exist already`);
    if (!(pages > 0 && (pages & (pages - 1)) === 0))
      throw new RangeError(`${pages} pages: not a power of two`);
    this.#pages = pages;
  }

  /**
   * Opens the rings, so that events from now on are kept. Reading opens them at the latest.
   *
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   * @throws {@link BpfError} if the kernel refuses
   */
  open(): void {
    if (this.#perf === undefined) this.#map();
  }

  /** @internal */
  take(): T | typeof NONE {
    const length = this.#next();
    return length < 0 ? NONE : this.#codec.read(this.#sample, 0, length);
  }

  /**
   * Hands the events that are there now to `callback`, as views: see {@link EventSource.drain}.
   *
   * @param callback - what it throws, `drain` throws
   * @param limit - the largest number of events that are handed out; all that are there if not given
   * @returns how many were handed out
   * @throws {@link StateError} before load, after the skeleton was destroyed, or for an event that is shorter than its type
   */
  drain(callback: (event: W) => void, limit = Number.POSITIVE_INFINITY): number {
    const view = this.#View && new this.#View(this.#sample, 0);
    const flexible = (this.#codec as Partial<StructCodec<T, View>>).flexible === true;
    let count = 0;
    this.open();
    // The callback may have destroyed the skeleton, and the rings with it.
    for (; count < limit && this.#perf !== undefined; count++) {
      const length = this.#next();
      if (length < 0) break;
      if (view) {
        if (flexible) view.$end = length;
        callback(view as W);
      } else {
        callback(this.#inPlace.read(this.#sample, 0, length) as W);
      }
    }
    for (const ring of this.#rings) ring.publish();
    return count;
  }

  /** How many events found their CPU's ring full. The kernel reports them once there is room again. */
  get lost(): number {
    return this.#lost;
  }

  /** The same as `lost`, as a bigint: what every map of events has. */
  get dropped(): bigint {
    return BigInt(this.#lost);
  }

  /** @internal */
  settle(): boolean {
    this.open();
    for (const ring of this.#rings) ring.publish();
    return this.#rings.some((ring) => ring.available() > 0);
  }

  /**
   * Looks once more, after two turns of the loop. The kernel says only once that a perf event is readable, and says it
   * first when the loop begins to watch, at a moment when nobody listens yet: what came until then would go unnoticed.
   * The loop does that when it next waits, which may be one turn away.
   *
   * @internal
   */
  override ready(resolve: () => void, signal: AbortSignal | undefined): () => void {
    let waiting = true;
    const cancel = super.ready(() => {
      waiting = false;
      resolve();
    }, signal);
    const look = () => {
      if (waiting && this.reading(signal) && this.settle()) cancel();
    };
    if (waiting) setImmediate(() => waiting && setImmediate(look));
    return cancel;
  }

  /** @internal */
  protected watchFd(): number {
    this.open();
    return this.session.native.perfEpollFd(this.#perf!);
  }

  /** @internal */
  protected release(): void {
    for (const ring of this.#rings) ring.close(this.session);
    this.#rings = [];
    if (this.#perf) this.session.native.perfDestroy(this.#perf);
    this.#perf = undefined;
  }

  /** Copies the next sample. Returns its length, or -1 if there is none. */
  #next(): number {
    if (this.#perf === undefined) this.#map();
    const rings = this.#rings;
    for (let tried = 0; tried < rings.length; tried++) {
      const ring = rings[this.#turn]!;
      const length = this.#nextOf(ring);
      if (length >= 0) return length;
      this.#turn = (this.#turn + 1) % rings.length;
    }
    return -1;
  }

  #nextOf(ring: PerfRing): number {
    while (ring.available() > 0) {
      const type = ring.word(0);
      const size = ring.word(4) >>> 16;
      const length = type === PERF_RECORD_SAMPLE ? ring.word(8) : -1;
      if (type === PERF_RECORD_LOST) this.#lost += ring.word(16) + ring.word(20) * 2 ** 32;
      if (length >= 0) ring.copy(SAMPLE_DATA, length, this.#sample.u32);
      ring.advance(size);
      if (length < 0) continue;
      if (length < this.#codec.size) this.#short(length);
      return length;
    }
    return -1;
  }

  #map(): void {
    const fd = this.needFd("perf_buffer__new");
    const { native } = this.session;
    const perf = callLibbpf(this.session, "perf_buffer__new", this.name, () =>
      native.perfOpen(fd, this.#pages, 1),
    );
    try {
      this.#rings = this.#mapEach(perf);
      this.#perf = perf;
    } catch (error) {
      native.perfDestroy(perf);
      throw error;
    }
  }

  #mapEach(perf: PerfHandle): PerfRing[] {
    const { native } = this.session;
    const size = this.#pages * native.pageSize();
    const fds = native.perfFds(perf);
    if (typeof fds === "number") throw failure("perf_buffer__buffer_fd", fds, this.name);
    return fds.map((fd) => {
      const buffer = native.map(fd, 0, native.pageSize() + size, true);
      if (typeof buffer === "number") throw failure("mmap", buffer, `a perf ring of ${this.name}`);
      return new PerfRing(buffer, native.pageSize(), size);
    });
  }

  #short(length: number): never {
    throw new StateError(
      "perf_buffer__consume",
      `an event of ${this.name} has ${length} bytes, fewer than the ${this.#codec.size} of ${this.#codec.ctype}`,
      "Output whole structs, or leave the event's type undeclared to read bytes.",
    );
  }
}

/** The ring of one CPU. Positions are kept modulo 2^32, which is enough to compare them. */
class PerfRing {
  readonly #memory: Memory;
  readonly #data: number;
  readonly #mask: number;
  #position: number;
  #unpublished = 0;

  constructor(buffer: ArrayBuffer, page: number, size: number) {
    this.#memory = new Memory(buffer);
    this.#data = page;
    this.#mask = size - 1;
    this.#position = this.#memory.i32[DATA_TAIL >>> 2]!;
  }

  available(): number {
    return (Atomics.load(this.#memory.i32, DATA_HEAD >>> 2) - this.#position) >>> 0;
  }

  /** The word at that offset of the record. Records are aligned to 8 bytes, so no word wraps. */
  word(offset: number): number {
    return this.#memory.u32[(this.#data + ((this.#position + offset) & this.#mask)) >>> 2]!;
  }

  copy(offset: number, length: number, into: Uint32Array): void {
    const { u32 } = this.#memory;
    const data = this.#data >>> 2;
    const mask = this.#mask >>> 2;
    const from = ((this.#position + offset) & this.#mask) >>> 2;
    for (let i = 0, words = (length + 3) >>> 2; i < words; i++) into[i] = u32[data + ((from + i) & mask)]!;
  }

  advance(size: number): void {
    this.#position = (this.#position + size) | 0;
    this.#unpublished += size;
    if (this.#unpublished > this.#mask >>> 3) this.publish();
  }

  publish(): void {
    if (this.#unpublished === 0) return;
    const tail = this.#memory.u64[DATA_TAIL >>> 3]! + BigInt(this.#unpublished);
    this.#unpublished = 0;
    Atomics.store(this.#memory.u64, DATA_TAIL >>> 3, tail);
  }

  close(session: Session): void {
    session.native.release(this.#memory.buffer as ArrayBuffer, false);
  }
}
