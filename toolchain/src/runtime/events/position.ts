/**
 * The position up to which a ring was read: eight bytes that only grow, and that the kernel reads while they are written.
 */
export class Position {
  readonly #whole: BigUint64Array<ArrayBuffer>;
  /** Its lower four bytes. The machines that are served are little-endian. */
  readonly #low: Int32Array<ArrayBuffer>;
  #value: number;

  /** @param at - where in the memory it is, in bytes */
  constructor(memory: ArrayBuffer, at: number) {
    this.#whole = new BigUint64Array(memory, at, 1);
    this.#low = new Int32Array(memory, at, 1);
    this.#value = Atomics.load(this.#low, 0);
  }

  /** Modulo 2^32, which is enough to compare positions. */
  get value(): number {
    return this.#value;
  }

  /** Frees so many bytes for the kernel to write again. */
  advance(bytes: number): void {
    const value = (this.#value + bytes) | 0;
    // A bigint is made anew each time. It is needed only once in 4 GiB, where the upper half has to change as well.
    if (value >>> 0 > this.#value >>> 0) Atomics.store(this.#low, 0, value);
    else Atomics.store(this.#whole, 0, Atomics.load(this.#whole, 0) + BigInt(bytes));
    this.#value = value;
  }
}
