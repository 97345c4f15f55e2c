import { Failure } from "../base/failure.ts";
import { type OpenFile, readAt } from "../sea/files.ts";

/** The bytes of a file, of which any part can be read. */
export interface Bytes {
  /** The file's path, for messages. */
  readonly path: string;
  /** In bytes. */
  readonly size: number;
  /** Reads `length` bytes at an offset, or those that there are. */
  read(at: number, length: number): Promise<Buffer>;
}

/** The bytes of an open file. */
export function fileBytes(file: OpenFile): Bytes {
  return { path: file.path, size: file.size, read: (at, length) => readAt(file, at, length) };
}

/** Bytes that are in memory. */
export function memoryBytes(path: string, bytes: Uint8Array): Bytes {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { path, size: buffer.length, read: async (at, length) => buffer.subarray(at, at + length) };
}

/** The failure for a file that is not whole. `what` goes on after a colon. */
export function damaged(path: string, what: string): Failure<"inspect"> {
  return new Failure("inspect", { kind: "built-file-damaged", path, what });
}

/**
 * Reads bytes that have to be there.
 *
 * @param what - names them in the failure: `its blob`
 * @throws Failure built-file-damaged
 */
export async function exactly(bytes: Bytes, at: number, length: number, what: string): Promise<Buffer> {
  // The numbers come out of the file. A sum that is no safe integer lies in no file.
  if (!(at >= 0 && length >= 0 && at + length <= bytes.size))
    throw damaged(bytes.path, `${what} ends past the end of the file`);
  const found = await bytes.read(at, length);
  if (found.length < length) throw damaged(bytes.path, `${what} ends past the end of the file`);
  return found;
}
