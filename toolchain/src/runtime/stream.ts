import { readSync } from "node:fs";
import { StateError } from "./errors.ts";
import { Memory } from "./memory.ts";
import type { Native } from "./native.ts";
import type { Codec } from "./spec.ts";

/** Takes the values out of a piece of memory, and says how many of its bytes they have used. */
type Decode<T> = (memory: Memory, from: number, to: number) => { values: T[]; used: number };

interface Source {
  /** The descriptor, which the stream closes. */
  readonly fd: number;
  readonly native: Native;
  /** What the skeleton calls when it is destroyed, so that a stream that nobody has read is closed then. */
  readonly cleanup: Set<() => void> | undefined;
}

/**
 * Values that are read from a file descriptor which has an end, such as a BPF iterator's. A stream can be iterated once,
 * with `for` or `for await`, and is closed then; disposing of it closes it sooner.
 */
export class Stream<T> implements Iterable<T>, AsyncIterable<T>, Disposable {
  #fd: number;
  readonly #source: Source;
  readonly #close = () => this[Symbol.dispose]();
  readonly #decode: Decode<T>;

  private constructor(source: Source, decode: Decode<T>) {
    this.#fd = source.fd;
    this.#source = source;
    this.#decode = decode;
    source.cleanup?.add(this.#close);
  }

  /** @internal */
  static of<T>(source: Source, codec: Codec<T, never>): Stream<T> {
    const decode: Decode<T> = (memory, from, to) => {
      const values: T[] = [];
      let at = from;
      for (; at + codec.size <= to; at += codec.size) values.push(codec.read(memory, at));
      return { values, used: at - from };
    };
    return new Stream(source, decode);
  }

  /** @internal */
  static bytes(source: Source): Stream<Uint8Array> {
    const decode: Decode<Uint8Array> = (memory, from, to) => ({
      values: [memory.u8.slice(from, to)],
      used: to - from,
    });
    return new Stream(source, decode);
  }

  /**
   * Reads all values, without giving anything else its turn meanwhile.
   *
   * @throws {@link StateError} if the stream is closed: it was read before, or its skeleton is destroyed
   * @throws `Error` of Node's with what the kernel refused
   */
  *[Symbol.iterator](): Generator<T, void> {
    const memory = Memory.alloc(1 << 16);
    let rest = 0;
    try {
      for (;;) {
        const count = this.#read(memory.u8, rest);
        if (count === 0) return;
        const end = rest + count;
        const { values, used } = this.#decode(memory, 0, end);
        yield* values;
        // The beginning of a value that needs more bytes goes to the front.
        memory.u8.copyWithin(0, used, end);
        rest = end - used;
      }
    } finally {
      this[Symbol.dispose]();
    }
  }

  /**
   * Reads all values, and gives other things on the event loop their turn now and then.
   *
   * @throws {@link StateError} if the stream is closed: it was read before, or its skeleton is destroyed
   * @throws `Error` of Node's with what the kernel refused
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    let count = 0;
    for (const value of this) {
      yield value;
      if (++count % 1024 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** Closes the stream. */
  [Symbol.dispose](): void {
    const fd = this.#fd;
    if (fd < 0) return;
    this.#fd = -1;
    this.#source.cleanup?.delete(this.#close);
    this.#source.native.closeFd(fd);
  }

  /** Reads until something comes: an iterator gives EAGAIN when it has done enough for one call. */
  #read(buffer: Uint8Array, from: number): number {
    for (;;) {
      if (this.#fd < 0)
        throw new StateError(
          "read",
          "the stream is closed: it was read already, or its skeleton is destroyed",
        );
      try {
        return readSync(this.#fd, buffer, from, buffer.length - from, null);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
    }
  }
}
