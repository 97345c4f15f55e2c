/** Reads numbers one after another. A position outside of the bytes is a RangeError, as it is for a DataView. */
export class Cursor {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  at: number;
  readonly end: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.at = at;
    this.end = bytes.length;
  }

  skip(bytes: number): void {
    this.at += bytes;
    if (this.at > this.end) throw new RangeError("past the end");
  }

  u8(): number {
    return this.#view.getUint8(this.at++);
  }

  u16(): number {
    this.at += 2;
    return this.#view.getUint16(this.at - 2, true);
  }

  u32(): number {
    this.at += 4;
    return this.#view.getUint32(this.at - 4, true);
  }

  u64(): bigint {
    this.at += 8;
    return this.#view.getBigUint64(this.at - 8, true);
  }

  /** A text that ends with a NUL. */
  text(): string {
    const end = this.#bytes.indexOf(0, this.at);
    const found = text(this.#bytes, this.at);
    this.at = end + 1;
    return found;
  }

  /** A number of variable length, LEB128. Those that are kept as numbers are small; of larger ones the rest is lost. */
  uleb(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      if (shift < 49) value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return value;
    }
  }

  sleb(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = this.u8();
      if (shift < 49) value += (byte & 0x7f) * 2 ** shift;
      if ((byte & 0x80) === 0) return (byte & 0x40) !== 0 && shift < 49 ? value - 2 ** (shift + 7) : value;
    }
  }
}

const decoder = new TextDecoder();

/** A longer name comes from no compiler. */
const NAME_MAX = 1024;

/** The text that ends with a NUL at a position of a section of texts. */
export function text(bytes: Uint8Array, at: number): string {
  const end = bytes.indexOf(0, at);
  if (at >= bytes.length || end < 0 || end - at > NAME_MAX) throw new RangeError("no text");
  return decoder.decode(bytes.subarray(at, end));
}
