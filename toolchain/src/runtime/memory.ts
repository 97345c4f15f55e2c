/**
 * One stretch of memory, mapped or copied, under every typed array that can read it. Generated code reads a field
 * through the array of its width, `m.u32[(at + 8) >>> 2]`, which V8 compiles to a single load; a field that is not
 * aligned to its width goes through `view`.
 *
 * BPF objects have the byte order of the machine they run on, and so do typed arrays.
 */
export class Memory {
  readonly buffer: ArrayBufferLike;
  readonly u8: Uint8Array;
  readonly i8: Int8Array;
  readonly u16: Uint16Array;
  readonly i16: Int16Array;
  readonly u32: Uint32Array;
  readonly i32: Int32Array;
  readonly f32: Float32Array;
  readonly u64: BigUint64Array;
  readonly i64: BigInt64Array;
  readonly f64: Float64Array;
  readonly view: DataView;

  /** `buffer.byteLength` is a multiple of 8. */
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

  /** Fresh zeroed memory of at least `size` bytes. */
  static alloc(size: number): Memory {
    return new Memory(new ArrayBuffer((size + 7) & ~7));
  }
}
