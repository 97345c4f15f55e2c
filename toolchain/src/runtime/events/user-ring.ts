import { failure } from "../errors.ts";
import { BpfMap } from "../maps/map.ts";
import { Memory } from "../memory.ts";
import type { Session } from "../session.ts";
import type { Codec, Init, MapSpec, StructCodec, View } from "../spec.ts";
import { BYTES } from "./values.ts";

/** The bytes before each record: its length, and a word that user space leaves at zero. */
const HEADER = 8;

interface Mapped {
  readonly memory: Memory;
  readonly consumer: BigUint64Array<ArrayBuffer>;
  readonly size: number;
}

/**
 * A user ring buffer (BPF_MAP_TYPE_USER_RINGBUF): user space writes records, and a program takes them out with
 * bpf_user_ringbuf_drain. Needs Linux 6.1. Its size in bytes is `maxEntries`. It is laid out as a ring buffer is, with the
 * roles exchanged.
 *
 * `T` is a record as a plain value, `W` its view. Without a type, records are bytes.
 */
export class UserRingBuffer<T = Uint8Array, W = Uint8Array> extends BpfMap {
  readonly #codec: Codec<T, Init<T>>;
  readonly #View: (new (m: Memory, at: number) => View) | undefined;
  #ring: Mapped | undefined;

  /** @internal */
  constructor(session: Session, spec: MapSpec, fd?: number) {
    super(session, spec, fd);
    this.#codec = (spec.value ?? BYTES) as unknown as Codec<T, Init<T>>;
    this.#View = (spec.value as Partial<StructCodec<T, View>> | undefined)?.View;
    session.cleanup.add(() => this.#release());
  }

  /**
   * Adds a record.
   *
   * @returns false if there is no room for it now
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   * @throws `RangeError` if the record can never fit, or its type cannot hold the value
   * @throws `TypeError` for a value of the wrong type
   */
  submit(value: Init<T>): boolean {
    const size = value instanceof Uint8Array && this.#codec.size === 0 ? value.length : this.#codec.size;
    return this.#write(size, (memory, at) => this.#codec.write(memory, at, value));
  }

  /**
   * Adds a record that `fill` writes in place.
   *
   * @param fill - is given the record's view, all zeros, which is valid until it returns
   * @returns false if there is no room for it now; `fill` is not called then
   * @throws {@link StateError} before load, or after the skeleton was destroyed
   * @throws `TypeError` if the records' type has no view
   */
  reserve(fill: (record: W) => void): boolean {
    const View = this.#View;
    if (View === undefined) throw new TypeError(`${this.name} holds ${this.#codec.ctype}, which has no view`);
    return this.#write(this.#codec.size, (memory, at) => {
      memory.u8.fill(0, at, at + this.#codec.size);
      fill(new View(memory, at) as W);
    });
  }

  /** How many bytes can be written now. Each record takes its size and 8 more, rounded up to a multiple of 8. */
  get free(): number {
    const { memory, consumer, size } = this.#ring ?? this.#map();
    return size - Number(Atomics.load(memory.u64, 0) - Atomics.load(consumer, 0));
  }

  #write(length: number, fill: (memory: Memory, at: number) => void): boolean {
    const { memory, size } = this.#ring ?? this.#map();
    const step = (length + HEADER + 7) & ~7;
    if (step > size)
      throw new RangeError(`a record of ${length} bytes does not fit into ${this.name} (${size} bytes)`);
    if (step > this.free) return false;
    const producer = Atomics.load(memory.u64, 0);
    const at = this.session.native.pageSize() + Number(producer % BigInt(size));
    fill(memory, at + HEADER);
    memory.u32[at >>> 2] = length;
    memory.u32[(at + 4) >>> 2] = 0;
    // The kernel reads nothing beyond the producer's position.
    Atomics.store(memory.u64, 0, producer + BigInt(step));
    return true;
  }

  #map(): Mapped {
    const fd = this.needFd("user_ring_buffer__new");
    const { native } = this.session;
    const size = this.maxEntries;
    const page = native.pageSize();
    const consumer = native.map(fd, 0, page, false);
    if (typeof consumer === "number") throw failure("mmap", consumer, this.name);
    const data = native.map(fd, page, page + 2 * size, true);
    if (typeof data === "number") throw failure("mmap", data, this.name);
    this.#ring = { memory: new Memory(data), consumer: new BigUint64Array(consumer), size };
    return this.#ring;
  }

  #release(): void {
    if (this.#ring === undefined) return;
    this.session.native.release(this.#ring.memory.buffer as ArrayBuffer, false);
    this.session.native.release(this.#ring.consumer.buffer, false);
    this.#ring = undefined;
  }
}
