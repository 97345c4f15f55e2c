import { failure, StateError } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { Session } from "../session.ts";
import type { Codec, MapSpec, StructCodec, View } from "../spec.ts";
import { EventSource, NONE } from "./source.ts";
import { BYTES, BYTES_IN_PLACE, readOnlyView } from "./values.ts";

/** The bits of a record's length, which is the first of the two words of its header, as linux/bpf.h has them. */
const BUSY = 0x8000_0000;
const DISCARD = 0x4000_0000;
const LENGTH = 0x3fff_ffff;
const HEADER = 8;
const LOADS_IN_ORDER = process.arch === "x64";
/** More events than a ring can hold, and small enough that counting stays integer arithmetic. */
const MANY = 0x3fff_ffff;

/**
 * A ring buffer (BPF_MAP_TYPE_RINGBUF), which is read where the kernel has written it. Needs Linux 5.8. Its size in bytes
 * is `maxEntries`, and may be 512 MiB at most.
 *
 * `T` is an event as a plain value, `W` its view. Without a type, events are bytes.
 *
 * The kernel lays it out as a page with the consumer's position, a page with the producer's, and the data, which is
 * mapped twice in a row so that no record goes over its end (Documentation/bpf/ringbuf.rst). Positions only grow; a
 * record's place is its position modulo the size.
 */
export class RingBuffer<T = Uint8Array, W = Uint8Array> extends EventSource<T, W> {
  readonly #codec: Codec<T, never>;
  /** Reads what `drain` hands out where the type has no view. */
  readonly #inPlace: Codec<unknown, never>;
  readonly #View: (new (m: Memory, at: number) => View) | undefined;
  /** It is set at first use, as the map exists from load on only. */
  #ring: Ring | undefined;

  /** @internal */
  constructor(session: Session, spec: MapSpec, fd?: number) {
    super(session, spec, fd);
    this.#codec = (spec.value ?? BYTES) as Codec<T, never>;
    this.#inPlace = spec.value ?? BYTES_IN_PLACE;
    this.#View = readOnlyView(spec.value);
  }

  /** @internal */
  take(): T | typeof NONE {
    const ring = this.#idle();
    const at = ring.next();
    if (at < 0) return NONE;
    const length = ring.length;
    if (length < this.#codec.size) {
      ring.advance(length);
      this.#short(length);
    }
    try {
      return this.#codec.read(ring.memory, at, at + length);
    } finally {
      ring.advance(length);
    }
  }

  /**
   * Hands the events that are there now to `callback`, as views: see {@link EventSource.drain}.
   *
   * @param callback - what it throws, `drain` throws
   * @param limit - the largest number of events that are handed out; all that are there if not given
   * @returns how many were handed out
   * @throws {@link StateError} before load, after the skeleton was destroyed, if `callback` reads events of this map, or for
   * an event that is shorter than its type
   */
  drain(callback: (event: W) => void, limit = MANY): number {
    const ring = this.#idle();
    const { memory, mask, data, header, chunk } = ring;
    const { size } = this.#codec;
    const view = this.#View && new this.#View(memory, 0);
    const sized = (this.#codec as Partial<StructCodec<T, View>>).flexible === true;
    let available = ring.available();
    let position = ring.position;
    let unpublished = 0;
    let count = 0;
    ring.drained = true;
    try {
      while (available > 0 && count < limit) {
        const at = data + (position & mask);
        const word = lengthWord(header, at >>> 2);
        // The record is not complete yet; or it is a zero, in place of a ring that the callback has closed.
        if (word <= 0 && (word < 0 || ring.closed)) break;
        const length = word & LENGTH;
        const step = (length + HEADER + 7) & ~7;
        position = (position + step) | 0;
        available -= step;
        unpublished += step;
        if ((word & DISCARD) === 0) {
          if (length < size) this.#short(length);
          count++;
          if (view) {
            view.$at = at + HEADER;
            if (sized) view.$end = at + HEADER + length;
            callback(view as W);
          } else {
            callback(this.#inPlace.read(memory, at + HEADER, at + HEADER + length) as W);
          }
        }
        if (unpublished >= chunk) {
          ring.publish(position, unpublished);
          unpublished = 0;
        }
      }
    } finally {
      ring.drained = false;
      if (!ring.closed) ring.publish(position, unpublished);
    }
    return count;
  }

  /** How many bytes of the ring were written and not read yet, headers and padding included. */
  get available(): number {
    return (this.#ring ?? this.#map()).available();
  }

  /** How many reserves have failed, where the program counts them with `BPF_APP_DROPS`; otherwise 0. */
  get dropped(): bigint {
    return this.session.counter(this.spec);
  }

  /** @internal */
  settle(): boolean {
    const ring = this.#idle();
    ring.flush();
    return ring.ready();
  }

  /** @internal */
  protected watchFd(): number {
    return this.needFd("ring_buffer__poll");
  }

  /** @internal */
  protected release(): void {
    if (this.#ring) this.#ring.close();
    this.#ring = undefined;
  }

  #idle(): Ring {
    const ring = this.#ring ?? this.#map();
    if (!ring.drained) return ring;
    throw new StateError(
      "ring_buffer__consume",
      `a callback that reads events of ${this.name} reads them once more`,
    );
  }

  #map(): Ring {
    const fd = this.needFd("ring_buffer__new");
    this.#ring = new Ring(this.session, this.name, fd, this.maxEntries);
    return this.#ring;
  }

  #short(length: number): never {
    throw new StateError(
      "ring_buffer__consume",
      `an event of ${this.name} has ${length} bytes, fewer than the ${this.#codec.size} of ${this.#codec.ctype}`,
      "Submit whole structs, or declare the ring buffer without a value type to read bytes.",
    );
  }
}

/** The mapped ring, and where reading has come. Positions are kept modulo 2^32, which is enough to compare them. */
class Ring {
  readonly memory: Memory;
  readonly header: Int32Array;
  readonly mask: number;
  /** Where in `memory` the data begins. */
  readonly data: number;
  /** How many bytes are read, at most, before the kernel is told. */
  readonly chunk: number;
  position: number;
  closed = false;
  /** Whether a callback is being called, which must not read meanwhile. */
  drained = false;
  /** The length of the record that `next` has found. */
  length = 0;
  #unpublished = 0;
  readonly #consumer: BigUint64Array<ArrayBuffer>;
  readonly #session: Session;
  #published: bigint;

  constructor(session: Session, name: string, fd: number, size: number) {
    if (size > 1 << 29) throw new RangeError(`ring buffer ${name}: more than 512 MiB cannot be read`);
    const page = session.native.pageSize();
    this.#consumer = new BigUint64Array(mapping(session, name, fd, 0, page, true));
    this.memory = new Memory(mapping(session, name, fd, page, page + 2 * size, false));
    this.header = this.memory.i32;
    this.#session = session;
    this.mask = size - 1;
    this.data = page;
    this.chunk = Math.min(size >>> 3, 1 << 17);
    this.#published = Atomics.load(this.#consumer, 0);
    this.position = Number(BigInt.asIntN(32, this.#published));
  }

  available(): number {
    return (Atomics.load(this.header, 0) - this.position) | 0;
  }

  /** Whether the next record is complete. */
  ready(): boolean {
    return (
      this.available() > 0 && lengthWord(this.header, (this.data + (this.position & this.mask)) >>> 2) >= 0
    );
  }

  /** Where the next event begins, or -1 if there is none. Records that the program has discarded are passed over. */
  next(): number {
    while (!this.closed && this.available() > 0) {
      const at = this.data + (this.position & this.mask);
      const word = lengthWord(this.header, at >>> 2);
      if ((word & BUSY) !== 0) return -1;
      this.length = word & LENGTH;
      if ((word & DISCARD) === 0) return at + HEADER;
      this.advance(this.length);
    }
    return -1;
  }

  advance(length: number): void {
    const step = (length + HEADER + 7) & ~7;
    this.position = (this.position + step) | 0;
    this.#unpublished += step;
    if (this.#unpublished >= this.chunk) this.flush();
  }

  flush(): void {
    if (this.#unpublished > 0) this.publish(this.position, 0);
  }

  /** Frees what was read for the kernel to write again. */
  publish(position: number, bytes: number): void {
    this.position = position;
    const total = bytes + this.#unpublished;
    this.#unpublished = 0;
    if (total === 0 || this.closed) return;
    this.#published += BigInt(total);
    Atomics.store(this.#consumer, 0, this.#published);
  }

  close(): void {
    this.flush();
    this.closed = true;
    this.#session.native.release(this.#consumer.buffer, false);
    this.#session.native.release(this.memory.buffer as ArrayBuffer, false);
  }
}

/**
 * A record's first word, read before anything else of the record. x86-64 keeps loads in order, and V8 does not reorder
 * them either: a plain load is enough there, and twice as fast.
 */
function lengthWord(header: Int32Array, index: number): number {
  return LOADS_IN_ORDER ? header[index]! : Atomics.load(header, index);
}

/** Maps pages of the ring. */
function mapping(
  session: Session,
  name: string,
  fd: number,
  offset: number,
  size: number,
  writable: boolean,
): ArrayBuffer {
  const buffer = session.native.map(fd, offset, size, writable);
  if (typeof buffer === "number") throw failure("mmap", buffer, `the ring buffer ${name}`);
  return buffer;
}
