import { closeSync, readSync } from "node:fs";
import { Memory } from "./memory.ts";
import type { Codec } from "./spec.ts";

/** Values read from a file descriptor that has an end, such as a BPF iterator's. Iterate it once. */
export class Stream<T> implements Iterable<T>, AsyncIterable<T>, Disposable {
  #fd: number;
  readonly #decode: (memory: Memory, from: number, to: number) => { values: T[]; used: number };

  private constructor(
    fd: number,
    decode: (memory: Memory, from: number, to: number) => { values: T[]; used: number },
  ) {
    this.#fd = fd;
    this.#decode = decode;
  }

  static of<T>(fd: number, codec: Codec<T, never>): Stream<T> {
    return new Stream(fd, (memory, from, to) => {
      const values: T[] = [];
      let at = from;
      for (; at + codec.size <= to; at += codec.size) values.push(codec.read(memory, at));
      return { values, used: at - from };
    });
  }

  static bytes(fd: number): Stream<Uint8Array> {
    return new Stream(fd, (memory, from, to) => ({ values: [memory.u8.slice(from, to)], used: to - from }));
  }

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
        // What a value needs more bytes for goes to the front.
        memory.u8.copyWithin(0, used, end);
        rest = end - used;
      }
    } finally {
      this[Symbol.dispose]();
    }
  }

  /** Lets other things run between chunks of the kernel's. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, void> {
    let count = 0;
    for (const value of this) {
      yield value;
      if (++count % 1024 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd < 0) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }

  /** An iterator gives EAGAIN when it has done enough for one call. */
  #read(buffer: Uint8Array, from: number): number {
    for (;;) {
      try {
        return readSync(this.#fd, buffer, from, buffer.length - from, null);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
      }
    }
  }
}
