import { createHash } from "node:crypto";
import { EHDR_SIZE } from "../sea/elf.ts";
import { CHUNK } from "../sea/files.ts";
import { type Part, readBlob } from "./blob.ts";
import type { Bytes } from "./bytes.ts";
import { findBlob, readExecutable, withBytes } from "./inspect.ts";

/** The part of an executable that is Node: what is in front of the program headers that the build has added. */
export const NODE_PART = "Node";

/**
 * The sha256 of each part of an executable, by name: Node, the script, and what lies beside it. Node's part is without the
 * first 64 bytes, which say where the program headers are.
 *
 * @param name - what the file is called in what is said of it
 * @throws Failure inspect-unreadable, not-built-here, built-file-damaged
 */
export function partsOf(path: string, name = path): Promise<ReadonlyMap<string, string>> {
  return withBytes(path, name, async (bytes) => {
    const { header, segments } = await readExecutable(bytes);
    const blob = await readBlob(bytes, await findBlob(bytes, segments));
    const node = { at: EHDR_SIZE, size: header.phoff - EHDR_SIZE };
    const parts: [string, Part][] = [[NODE_PART, node], [blob.main.name, blob.main], ...blob.assets];
    const sums = new Map<string, string>();
    for (const [part, where] of parts) sums.set(part, await sumOf(bytes, where));
    return sums;
  });
}

async function sumOf(bytes: Bytes, { at, size }: Part): Promise<string> {
  const hash = createHash("sha256");
  for (let done = 0; done < size; ) {
    const chunk = await bytes.read(at + done, Math.min(CHUNK, size - done));
    if (chunk.length === 0) break;
    hash.update(chunk);
    done += chunk.length;
  }
  return hash.digest("hex");
}
