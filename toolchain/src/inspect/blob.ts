import { BLOB_MAGIC } from "../sea/trailer.ts";
import { type Bytes, damaged, exactly } from "./bytes.ts";

/** A part of a blob. */
export interface Part {
  /** The offset in the file, in bytes. */
  readonly at: number;
  readonly size: number;
}

/** What Node's blob holds. */
export interface Blob {
  /** The script that Node runs. */
  readonly main: Part & { readonly name: string };
  readonly assets: ReadonlyMap<string, Part>;
}

/** Bits of a blob's flags (`SeaFlags` of Node's src/node_sea.h). */
const SNAPSHOT = 1 << 1;
const CODE_CACHE = 1 << 2;
const ASSETS = 1 << 3;
const EXEC_ARGV = 1 << 4;

/** Magic and flags; Node's versions put up to some more bytes after them. */
const HEAD = 8;
const HEAD_MAX = 32;
/** What builds put into a blob is far below these. */
const ASSETS_MAX = 4096;
const NAME_MAX = 4096;

/**
 * Reads how a blob is divided. A blob begins with a short head, whose length depends on Node's version. Three groups follow:
 * the name and the content of the script; the keys and the contents of the assets; the options. Each name, content, key
 * and option has its size in 8 bytes before it, and so has each group but the first its count. That the groups end where the
 * blob does tells that the head's length was guessed right.
 *
 * @param where - the offset and the size of the blob in the file
 * @throws Failure built-file-damaged
 */
export async function readBlob(bytes: Bytes, where: Part): Promise<Blob> {
  const head = await exactly(bytes, where.at, Math.min(where.size, HEAD_MAX + 8), "its blob");
  if (head.length < HEAD + 8 || head.readUInt32LE(0) !== BLOB_MAGIC)
    throw damaged(bytes.path, "what Node is to run does not begin as it should");
  const flags = head.readUInt32LE(4);
  if ((flags & SNAPSHOT) !== 0) throw damaged(bytes.path, "it holds a snapshot in place of a script");
  for (let size = HEAD; size <= HEAD_MAX && size + 8 <= head.length; size++) {
    const name = head.readBigUInt64LE(size);
    if (name === 0n || name > BigInt(NAME_MAX)) continue;
    try {
      return await divide(bytes, where, size, flags);
    } catch (error) {
      if (!(error instanceof Misfit)) throw error;
    }
  }
  throw damaged(bytes.path, "what Node is to run does not end where it should");
}

/** The blob is not divided in this way. */
class Misfit extends Error {}

async function divide(bytes: Bytes, where: Part, head: number, flags: number): Promise<Blob> {
  const end = where.at + where.size;
  let at = where.at + head;
  const number = async (most: number) => {
    if (end - at < 8) throw new Misfit();
    const value = Number((await exactly(bytes, at, 8, "its blob")).readBigUInt64LE());
    at += 8;
    if (value > Math.min(most, end - at)) throw new Misfit();
    return value;
  };
  const part = async (most = Number.POSITIVE_INFINITY): Promise<Part> => {
    const size = await number(most);
    const found = { at, size };
    at += size;
    return found;
  };
  const text = async () => {
    const { at: from, size } = await part(NAME_MAX);
    return (await exactly(bytes, from, size, "its blob")).toString("utf8");
  };
  const name = await text();
  const main = { name, ...(await part()) };
  if ((flags & CODE_CACHE) !== 0) await part();
  const assets = new Map<string, Part>();
  if ((flags & ASSETS) !== 0) {
    for (let left = await number(ASSETS_MAX); left > 0; left--) assets.set(await text(), await part());
  }
  if ((flags & EXEC_ARGV) !== 0) for (let left = await number(ASSETS_MAX); left > 0; left--) await part();
  if (at !== end) throw new Misfit();
  return { main, assets };
}
