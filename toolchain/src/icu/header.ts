import { Failure } from "../base/failure.ts";

/** The head that every file of ICU's data begins with, and a package of them too. */
export interface Header {
  /** How many bytes the head has; the contents follow. */
  readonly size: number;
  /** Four characters: `CmnD` for a package, `ResB` for a resource bundle. */
  readonly format: string;
  /** The format's major version. */
  readonly version: number;
  readonly littleEndian: boolean;
  /** 0 for ASCII, 1 for EBCDIC. */
  readonly charset: number;
}

/** Size of the head's fixed part: two sizes, two magic bytes, and twenty bytes that say what follows. */
export const FIXED = 24;

/** The head at the beginning of these bytes, or undefined if there is none. Never throws. */
export function headerOf(bytes: Uint8Array): Header | undefined {
  if (bytes.length < FIXED || bytes[2] !== 0xda || bytes[3] !== 0x27) return undefined;
  const littleEndian = bytes[8] === 0;
  const view = viewOf(bytes);
  const size = view.getUint16(0, littleEndian);
  if (size < FIXED || size > bytes.length || view.getUint16(4, littleEndian) < 20) return undefined;
  const format = String.fromCharCode(...bytes.subarray(12, 16));
  return { size, format, version: bytes[16] as number, littleEndian, charset: bytes[9] as number };
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A Failure that says how data contradicts itself, as the rest of a sentence. */
export function damaged(what: string): Failure<"icu"> {
  return new Failure("icu", { kind: "icu-damaged", what });
}
