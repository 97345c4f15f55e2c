import { failure, StateError } from "../errors.ts";
import { Memory } from "../memory.ts";
import type { Session } from "../session.ts";
import type { View } from "../spec.ts";
import { Position } from "./position.ts";
import type { EventType, Handler, Transport } from "./transport.ts";
import { NONE } from "./values.ts";

/** The bits of a record's length, which is the first of the two words of its header, as linux/bpf.h has them. */
const DISCARD = 0x4000_0000;
const LENGTH = 0x3fff_ffff;
const HEADER = 8;
const LOADS_IN_ORDER = process.arch === "x64";
/** More events than a ring can hold, and small enough that counting stays integer arithmetic. */
const MANY = 0x3fff_ffff;

/**
 * Reads a ring buffer where the kernel has written it. The kernel lays it out as a page with the consumer's position, a
 * page with the producer's, and the data, which is mapped twice in a row so that no record goes over its end
 * (Documentation/bpf/ringbuf.rst). Positions only grow; a record's place is its position modulo the size. They are kept
 * modulo 2^32, which is enough to compare them.
 */
export class RingReader<T, V> implements Transport<T, V> {
  readonly size: number;
  readonly fd: number;
  readonly lost = undefined;
  readonly saysOnce = false;
  received = 0;
  readonly #name: string;
  readonly #type: EventType<T>;
  readonly #session: Session;
  readonly #memory: Memory;
  readonly #header: Int32Array;
  readonly #mask: number;
  /** Where in the memory the data begins. */
  readonly #data: number;
  /** How many bytes are read, at most, before the kernel is told. */
  readonly #chunk: number;
  readonly #consumer: ArrayBuffer;
  readonly #published: Position;
  #position: number;
  /** How many bytes from the position on are known to be written. */
  #written = 0;
  #unpublished = 0;
  /** The length of the event that `next` has found. */
  #length = 0;
  #closed = false;
  /** Whether a callback is being called, which must not read meanwhile. */
  #handing = false;

  constructor(session: Session, name: string, fd: number, size: number, type: EventType<T>) {
    if (size > 1 << 29) throw new RangeError(`ring buffer ${name}: more than 512 MiB cannot be read`);
    const page = session.native.pageSize();
    this.#consumer = mapping(session, name, fd, 0, page, true);
    this.#published = new Position(this.#consumer, 0);
    this.#memory = new Memory(mapping(session, name, fd, page, page + 2 * size, false));
    this.#header = this.#memory.i32;
    this.#session = session;
    this.#name = name;
    this.#type = type;
    this.fd = fd;
    this.size = size;
    this.#mask = size - 1;
    this.#data = page;
    this.#chunk = Math.min(size >>> 3, 1 << 17);
    this.#position = this.#published.value;
  }

  get available(): number {
    return (Atomics.load(this.#header, 0) - this.#position) | 0;
  }

  get consumed(): number {
    return this.#position;
  }

  take(): T | typeof NONE {
    this.#refuseNested();
    const at = this.#next();
    if (at < 0) return NONE;
    const { codec, size } = this.#type;
    const length = this.#length;
    if (length >= size) return codec.read(this.#memory, at, at + length);
    return this.#type.readPart(this.#memory, at, this.#enough(length));
  }

  hand(callback: Handler<V>, limit = MANY): number {
    this.#refuseNested();
    const { View, flexible, size } = this.#type;
    const view = View && new View(this.#memory, 0);
    const fixed = flexible ? undefined : view;
    const before = this.received;
    const last = before + limit;
    this.#written = this.available;
    this.#handing = true;
    try {
      while (this.#written > 0 && this.received < last && !this.#closed) {
        const word = lengthWord(this.#header, this.#place());
        if (fixed !== undefined && word >= size && word < DISCARD)
          this.#handAlike(callback, fixed, word, last - this.received);
        else if (!this.#handNext(callback, view)) break;
      }
    } finally {
      this.#handing = false;
      this.#unpublished = this.#publish(this.#unpublished);
    }
    return this.received - before;
  }

  /**
   * Hands out events of one length, as far as they follow each other and the kernel need not be told yet. Most maps have no
   * others. The loop is what reading in place costs, so it keeps little: where the next record begins does not wait for
   * this one's length, as the processor guesses that it is the same, and what it needs are numbers and locals, because V8
   * looks at every other thing anew for each event.
   */
  #handAlike(callback: Handler<V>, view: View, length: number, limit: number): void {
    const inOrder = LOADS_IN_ORDER;
    const header = this.#header;
    const mask = this.#mask;
    const first = this.#data + HEADER;
    const step = (length + HEADER + 7) & ~7;
    const from = this.#position;
    const most = Math.min(limit, Math.floor(Math.min(this.#written, this.#chunk) / step));
    const end = (from + Math.max(most, 1) * step) | 0;
    let position = from;
    try {
      do {
        const at = first + (position & mask);
        const index = (at >>> 2) - 2;
        // After a ring that the callback has closed there are zeros.
        if ((inOrder ? header[index] : Atomics.load(header, index)) !== length) break;
        position = (position + step) | 0;
        this.#position = position;
        view.$at = at;
        callback(view as V, length);
      } while (position !== end);
    } finally {
      const bytes = (this.#position - from) | 0;
      this.#written -= bytes;
      this.#unpublished += bytes;
      this.received += bytes / step;
      if (this.#unpublished >= this.#chunk) this.#unpublished = this.#publish(this.#unpublished);
    }
  }

  /** Hands out the next event. Returns false if there is none that is complete. */
  #handNext(callback: Handler<V>, view: View | undefined): boolean {
    const at = this.#next();
    if (at < 0) return false;
    const length = this.#length;
    const { size, flexible, inPlace } = this.#type;
    if (length < size) this.#handPart(callback, at, length);
    else if (view === undefined) callback(inPlace.read(this.#memory, at, at + length) as V, length);
    else {
      view.$at = at;
      if (flexible) view.$end = at + length;
      callback(view as V, length);
    }
    return true;
  }

  settle(): boolean {
    if (this.#handing) return false;
    this.#unpublished = this.#publish(this.#unpublished);
    this.#written = this.available;
    return this.#written > 0 && lengthWord(this.#header, this.#place()) >= 0;
  }

  close(): void {
    this.#publish(this.#unpublished);
    this.#closed = true;
    this.#session.native.release(this.#consumer, false);
    this.#session.native.release(this.#memory.buffer as ArrayBuffer, false);
  }

  /** Where the next event begins, or -1 if there is none. Records that the program has discarded are passed over. */
  #next(): number {
    // By now the events before it have been copied.
    if (this.#unpublished >= this.#chunk) this.#unpublished = this.#publish(this.#unpublished);
    for (;;) {
      if (this.#written <= 0) {
        this.#written = this.available;
        if (this.#written <= 0) return -1;
      }
      const at = this.#place();
      const word = lengthWord(this.#header, at);
      if (word < 0) return -1;
      const length = word & LENGTH;
      const step = (length + HEADER + 7) & ~7;
      this.#position = (this.#position + step) | 0;
      this.#written -= step;
      this.#unpublished += step;
      if ((word & DISCARD) !== 0) continue;
      this.#length = length;
      this.received++;
      return 4 * at + HEADER;
    }
  }

  /** The index of the next record's first word. */
  #place(): number {
    return (this.#data + (this.#position & this.#mask)) >>> 2;
  }

  /** Frees so many bytes for the kernel to write again. Returns 0, which is how many are left then. */
  #publish(bytes: number): 0 {
    if (bytes === 0 || this.#closed) return 0;
    this.#published.advance(bytes);
    return 0;
  }

  #handPart(callback: Handler<V>, at: number, length: number): void {
    const type = this.#type;
    const part = type.part(this.#memory, at, this.#enough(length));
    callback((type.View ? new type.View(part, 0) : type.inPlace.read(part, 0, type.size)) as V, length);
  }

  #enough(length: number): number {
    const { least, size, codec } = this.#type;
    if (length >= least) return length;
    throw new StateError(
      "ring_buffer__consume",
      `an event of ${this.#name} has ${length} bytes, fewer than the ${least === size ? size : `${least} that are needed`} of ${codec.ctype}`,
      "Submit whole structs, or declare the ring buffer without a value type to read bytes.",
    );
  }

  #refuseNested(): void {
    if (!this.#handing) return;
    throw new StateError(
      "ring_buffer__consume",
      `a callback that reads events of ${this.#name} reads them once more`,
      "Read on after the callback has returned.",
    );
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
