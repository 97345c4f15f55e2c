import { createHash } from "node:crypto";
import { CHUNK } from "../sea/files.ts";
import { findVersion } from "../sea/fuse.ts";
import type { Part } from "./blob.ts";
import type { Bytes } from "./bytes.ts";

/** What is learnt of a file by reading all of it. */
export interface Sums {
  readonly sha256: string;
  readonly blobSha256: string;
  /** The version by which Node names itself before the blob; undefined if it does not. */
  readonly node: string | undefined;
}

/** The words by which Node names its version may lie across the end of a chunk. */
const OVERLAP = 64;

/** Reads the whole file once, a chunk at a time. */
export async function hashes(bytes: Bytes, blob: Part): Promise<Sums> {
  const [whole, inner] = [createHash("sha256"), createHash("sha256")];
  let node: string | undefined;
  let before: Buffer = Buffer.alloc(0);
  for (let at = 0; at < bytes.size; ) {
    const chunk = await bytes.read(at, Math.min(CHUNK, bytes.size - at));
    if (chunk.length === 0) break;
    whole.update(chunk);
    const from = Math.max(0, blob.at - at);
    const to = Math.min(chunk.length, blob.at + blob.size - at);
    if (from < to) inner.update(chunk.subarray(from, to));
    // The blob holds this very code, and whatever the app says about Node.
    if (node === undefined && at < blob.at) {
      const base = chunk.subarray(0, blob.at - at);
      node = findVersion(Buffer.concat([before, base]))?.slice(1);
      before = Buffer.from(base.subarray(-OVERLAP));
    }
    at += chunk.length;
  }
  return { sha256: whole.digest("hex"), blobSha256: inner.digest("hex"), node };
}
