import { failure, StateError } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { PerfHandle } from "../native.ts";
import { callLibbpf, type Session } from "../session.ts";
import { Position } from "./position.ts";
import type { EventType, Handler, Transport } from "./transport.ts";
import { NONE } from "./values.ts";

/** Where data_head and data_tail are in `struct perf_event_mmap_page`, and types of records: see linux/perf_event.h. */
const DATA_HEAD = 1024;
const DATA_TAIL = 1032;
const PERF_RECORD_LOST = 2;
const PERF_RECORD_SAMPLE = 9;
/** Where in a sample its data begins: behind the record's header of 8 bytes and the data's length of 4. */
const SAMPLE_DATA = 12;
/** More than a record can hold, as its size has 16 bits. */
const SCRATCH = 1 << 16;

/** Reads the rings of a perf event array by turns. */
export class PerfReader<T, V> implements Transport<T, V> {
  readonly size: number;
  readonly saysOnce = true;
  received = 0;
  consumed = 0;
  lost = 0;
  readonly #session: Session;
  readonly #name: string;
  readonly #type: EventType<T>;
  readonly #perf: PerfHandle;
  /** A sample begins at 4 modulo 8 and may go over the ring's end: it is copied here to be read. */
  readonly #sample = Memory.alloc(SCRATCH);
  #rings: PerfRing[] = [];
  #turn = 0;

  constructor(session: Session, name: string, fd: number, pages: number, type: EventType<T>) {
    const { native } = session;
    this.#session = session;
    this.#name = name;
    this.#type = type;
    this.size = pages * native.pageSize();
    this.#perf = callLibbpf(session, "perf_buffer__new", name, () => native.perfOpen(fd, pages, 1));
    try {
      this.#rings = this.#mapEach();
    } catch (error) {
      native.perfDestroy(this.#perf);
      throw error;
    }
  }

  get fd(): number {
    return this.#session.native.perfEpollFd(this.#perf);
  }

  get available(): number {
    return this.#rings.reduce((sum, ring) => sum + ring.available(), 0);
  }

  take(): T | typeof NONE {
    const length = this.#next();
    if (length < 0) return NONE;
    const { codec, size } = this.#type;
    if (length >= size) return codec.read(this.#sample, 0, length);
    return this.#type.readPart(this.#sample, 0, this.#enough(length));
  }

  hand(callback: Handler<V>, limit = Number.POSITIVE_INFINITY): number {
    const { size, flexible, inPlace, View } = this.#type;
    const sample = this.#sample;
    const view = View && new View(sample, 0);
    const whole = size > 0 && !flexible;
    let count = 0;
    // The callback may have destroyed the skeleton, and the rings with it.
    for (; count < limit && this.#rings.length > 0; count++) {
      const length = this.#next();
      if (length < 0) break;
      // The scratch is this event's own: what is missing of it can be zeroed in place.
      if (length < size) sample.u8.fill(0, this.#enough(length), size);
      if (view) {
        if (flexible) view.$end = length;
        callback(view as V, whole ? Math.min(length, size) : length);
      } else callback(inPlace.read(sample, 0, length) as V, length);
    }
    for (const ring of this.#rings) ring.publish();
    return count;
  }

  settle(): boolean {
    let more = false;
    for (const ring of this.#rings) {
      ring.publish();
      more ||= ring.available() > 0;
    }
    return more;
  }

  close(): void {
    for (const ring of this.#rings) ring.close(this.#session);
    this.#rings = [];
    this.#session.native.perfDestroy(this.#perf);
  }

  /** Copies the next sample. Returns its length, or -1 if there is none. */
  #next(): number {
    const rings = this.#rings;
    for (let tried = 0; tried < rings.length; tried++) {
      const length = this.#nextOf(rings[this.#turn]!);
      if (length >= 0) {
        this.received++;
        return length;
      }
      if (++this.#turn >= rings.length) this.#turn = 0;
    }
    return -1;
  }

  #nextOf(ring: PerfRing): number {
    while (ring.available() > 0) {
      const type = ring.word(0);
      const size = ring.word(4) >>> 16;
      const length = type === PERF_RECORD_SAMPLE ? ring.word(8) : -1;
      if (type === PERF_RECORD_LOST) this.lost += ring.word(16) + ring.word(20) * 2 ** 32;
      if (length >= 0) ring.copy(SAMPLE_DATA, length, this.#sample.u32);
      ring.advance(size);
      this.consumed = (this.consumed + size) | 0;
      if (length >= 0) return length;
    }
    return -1;
  }

  #mapEach(): PerfRing[] {
    const { native } = this.#session;
    const fds = native.perfFds(this.#perf);
    if (typeof fds === "number") throw failure("perf_buffer__buffer_fd", fds, this.#name);
    return fds.map((fd) => {
      const buffer = native.map(fd, 0, native.pageSize() + this.size, true);
      if (typeof buffer === "number") throw failure("mmap", buffer, `a perf ring of ${this.#name}`);
      return new PerfRing(buffer, native.pageSize(), this.size);
    });
  }

  #enough(length: number): number {
    const { least, size, codec } = this.#type;
    if (length >= least) return length;
    throw new StateError(
      "perf_buffer__consume",
      `an event of ${this.#name} has ${length} bytes, fewer than the ${least === size ? size : `${least} that are needed`} of ${codec.ctype}`,
      "Output whole structs, or leave the event's type undeclared to read bytes.",
    );
  }
}

/** The ring of one CPU. Positions are kept modulo 2^32, which is enough to compare them. */
class PerfRing {
  readonly #memory: Memory;
  readonly #data: number;
  readonly #mask: number;
  readonly #published: Position;
  #position: number;
  #unpublished = 0;

  constructor(buffer: ArrayBuffer, page: number, size: number) {
    this.#memory = new Memory(buffer);
    this.#data = page;
    this.#mask = size - 1;
    this.#published = new Position(buffer, DATA_TAIL);
    this.#position = this.#published.value;
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
    this.#published.advance(this.#unpublished);
    this.#unpublished = 0;
  }

  close(session: Session): void {
    session.native.release(this.#memory.buffer as ArrayBuffer, false);
  }
}
