import { Failure } from "../base/failure.ts";

/**
 * What we put behind a blob on disk, and take off before injection: the version of the Node that made it. Node's own
 * format does not say, and a Node given the blob of another version may crash.
 *
 *     16 bytes  "BPF-APP NODEBLOB"
 *     32 bytes  version, as in "v24.21.0", padded with zeros
 */
export const TRAILER_SIZE = 48;

const MAGIC = Buffer.from("BPF-APP NODEBLOB");

/** First word of Node's blobs (`kMagic` in `src/node_sea.cc`), little-endian. */
const BLOB_MAGIC = 0x0143da20;

export function encodeTrailer(version: string): Buffer {
  const bytes = Buffer.alloc(TRAILER_SIZE);
  MAGIC.copy(bytes);
  bytes.write(version, MAGIC.length, TRAILER_SIZE - MAGIC.length, "latin1");
  return bytes;
}

export interface BlobShape {
  /** Bytes of Node's own blob. */
  readonly size: number;
  /** Version of the Node that made it; undefined for a blob that was not made by `makeBlob`. */
  readonly version: string | undefined;
}

/**
 * @param head the first bytes of a blob file, 4 or more if it has them
 * @param tail its last TRAILER_SIZE bytes, or all of a shorter file
 * @param file path, and size in bytes
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
