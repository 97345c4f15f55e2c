/**
 * One stretch of memory, mapped or copied, under every typed array that can read it. What is written to memory that is
 * mapped is written to the map itself. Generated code reads a field
 * through the array of its width, `m.u32[(at + 8) >>> 2]`, which V8 compiles to a single load; a field that is not
 * aligned to its width goes through `view`.
 *
 * BPF objects have the byte order of the machine they run on, and so do typed arrays.
 */
export class Memory {
  /** The memory itself. */
  readonly buffer: ArrayBufferLike;
  /** The memory as unsigned 8-bit integers. */
  readonly u8: Uint8Array;
  /** The memory as signed 8-bit integers. */
  readonly i8: Int8Array;
  /** The memory as unsigned 16-bit integers. */
  readonly u16: Uint16Array;
  /** The memory as signed 16-bit integers. */
  readonly i16: Int16Array;
  /** The memory as unsigned 32-bit integers. */
  readonly u32: Uint32Array;
  /** The memory as signed 32-bit integers. */
  readonly i32: Int32Array;
  /** The memory as 32-bit floating-point numbers. */
  readonly f32: Float32Array;
  /** The memory as unsigned 64-bit integers. */
  readonly u64: BigUint64Array;
  /** The memory as signed 64-bit integers. */
  readonly i64: BigInt64Array;
  /** The memory as 64-bit floating-point numbers. */
  readonly f64: Float64Array;
  /** The memory for reads and writes at any offset. */
  readonly view: DataView;

  /**
   * Puts typed arrays over a buffer.
   *
   * @param buffer - its length is a multiple of 8 bytes
   * @throws `RangeError` if it is not
   */
  constructor(buffer: ArrayBufferLike) {
    this.buffer = buffer;
    this.u8 = new Uint8Array(buffer);
    this.i8 = new Int8Array(buffer);
    this.u16 = new Uint16Array(buffer);
    this.i16 = new Int16Array(buffer);
    this.u32 = new Uint32Array(buffer);
    this.i32 = new Int32Array(buffer);
    this.f32 = new Float32Array(buffer);
    this.u64 = new BigUint64Array(buffer);
    this.i64 = new BigInt64Array(buffer);
    this.f64 = new Float64Array(buffer);
    this.view = new DataView(buffer);
  }

  /**
   * Allocates memory that is all zeros.
   *
   * @param size - in bytes; it is rounded up to a multiple of 8
   */
  static alloc(size: number): Memory {
    return new Memory(new ArrayBuffer((size + 7) & ~7));
  }
}
