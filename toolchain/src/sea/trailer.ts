import { Failure } from "../base/failure.ts";

/**
 * A trailer says which version of Node made a blob. Node's own format does not say it, and a Node that gets the blob of
 * another version may crash. The trailer stands behind the blob in its file, and is left out when the blob is injected.
 *
 *     16 bytes  "BPF-APP NODEBLOB"
 *     32 bytes  version, as in "v24.21.0", padded with zeros
 */
export const TRAILER_SIZE = 48;

const MAGIC = Buffer.from("BPF-APP NODEBLOB");

/** The first word of each of Node's blobs, in little-endian order (`kMagic` in `src/node_sea.cc`). */
export const BLOB_MAGIC = 0x0143da20;

export function encodeTrailer(version: string): Buffer {
  const bytes = Buffer.alloc(TRAILER_SIZE);
  MAGIC.copy(bytes);
  bytes.write(version, MAGIC.length, TRAILER_SIZE - MAGIC.length, "latin1");
  return bytes;
}

export interface BlobShape {
  /** How many bytes Node's own blob has, without the trailer. */
  readonly size: number;
  /** The version of the Node that made the blob; undefined if it was not `makeBlob` that had it made. */
  readonly version: string | undefined;
}

/**
 * Reads the size and the version of a blob from the beginning and the end of its file.
 *
 * @param head the first 4 bytes of the file or more, or all of a shorter file
 * @param tail the last TRAILER_SIZE bytes of the file, or all of a shorter file
 * @param file the file's path, and its size in bytes
 */
export function readBlobShape(
  head: Buffer,
  tail: Buffer,
  file: { readonly path: string; readonly size: number },
): BlobShape {
  const not = (why: "empty" | "magic" | "trailer") =>
    new Failure("sea", { kind: "blob-not-sea", path: file.path, why });
  if (file.size === 0) throw not("empty");
  if (head.length < 4 || head.readUInt32LE(0) !== BLOB_MAGIC) throw not("magic");
  if (tail.length < TRAILER_SIZE || !tail.subarray(0, MAGIC.length).equals(MAGIC)) {
    return { size: file.size, version: undefined };
  }
  const text = tail.toString("latin1", MAGIC.length).replace(/\0+$/, "");
  if (!/^v\d+\.\d+\.\d+[-.\w]*$/.test(text) || file.size < TRAILER_SIZE + 4) throw not("trailer");
  return { size: file.size - TRAILER_SIZE, version: text };
}
