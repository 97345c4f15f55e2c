import { Memory } from "../memory.ts";
import type { Codec, MapSpec, StructCodec, View } from "../spec.ts";
import { BYTES, BYTES_IN_PLACE, type NONE, readOnlyView } from "./values.ts";

export type Handler<V> = (event: V, length: number) => void;

/**
 * How events come out of a map: by a ring buffer or by the rings of a perf event array. Which one it is the kernel's map
 * decides, not the class that the app sees: the type of a map can be set before load.
 */
export interface Transport<T, V> {
  /** The size of the ring, or of each, in bytes. */
  readonly size: number;
  /** How many events were read so far. */
  readonly received: number;
  /** How many bytes were read so far, modulo 2^32. */
  readonly consumed: number;
  /** How many bytes were written and not read yet, headers and padding included. */
  readonly available: number;
  /** How many events the kernel has reported lost; undefined if it reports none. */
  readonly lost: number | undefined;
  /** The descriptor that becomes readable when there are events. */
  readonly fd: number;
  /** Whether the kernel says only once that the descriptor is readable. */
  readonly saysOnce: boolean;
  /** The next event as a plain value. */
  take(): T | typeof NONE;
  /** Hands out what is there, as {@link EventSource.drain} does. */
  hand(callback: Handler<V>, limit?: number): number;
  /** Tells the kernel how far reading has come, so that it announces the next event. Returns whether there is more. */
  settle(): boolean;
  /** Lets go of the memory that is mapped. */
  close(): void;
}

/** How events of a map's type are read: whole, or in part where the program has sent less than the type has. */
export class EventType<T> {
  readonly codec: Codec<T, never>;
  /** Reads what is handed out in place where the type has no view. */
  readonly inPlace: Codec<unknown, never>;
  readonly View: (new (m: Memory, at: number) => View) | undefined;
  readonly size: number;
  /** Whether the type ends in a flexible array member, so that its view is told where the record ends. */
  readonly flexible: boolean;
  /** The fewest bytes that an event has. */
  readonly least: number;
  readonly #lengths: WeakMap<object, number>;
  #part: Memory | undefined;

  /** @param lengths - where the lengths of those plain values are kept that were not sent whole */
  constructor({ value }: MapSpec, lengths: WeakMap<object, number>, writable: boolean) {
    const struct = value as Partial<StructCodec<T, View>> | undefined;
    this.codec = (value ?? BYTES) as Codec<T, never>;
    this.inPlace = value ?? BYTES_IN_PLACE;
    this.View = writable ? struct?.View : readOnlyView(value);
    this.size = this.codec.size;
    this.flexible = struct?.flexible === true;
    this.least = struct?.least ?? this.size;
    this.#lengths = lengths;
  }

  /** Copies an event that was sent in part to where zeros follow it: what follows it in the ring is the next event's. */
  part(m: Memory, at: number, length: number): Memory {
    this.#part ??= Memory.alloc(this.size);
    const { u8 } = this.#part;
    u8.fill(0, length);
    u8.set(m.u8.subarray(at, at + length));
    return this.#part;
  }

  /** Reads an event that was sent in part. */
  readPart(m: Memory, at: number, length: number): T {
    const value = this.codec.read(this.part(m, at, length), 0, this.size);
    if (typeof value === "object" && value !== null) this.#lengths.set(value, length);
    return value;
  }
}
