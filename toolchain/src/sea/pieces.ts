import { chmod, writeFile } from "node:fs/promises";
import type { Piece } from "./cut.ts";
import { attempt, CHUNK, type OpenFile, readAt, writeAt } from "./files.ts";
import type { Patch } from "./prune.ts";

/** How many chunks are on their way at the same time: some are read while others are written. */
const LANES = 3;

/** Makes an empty file that is an executable of this user's own. */
export async function createExecutable(path: string): Promise<void> {
  await attempt("write", path, writeFile(path, ""));
  await attempt("write", path, chmod(path, 0o755));
}

/**
 * Copies pieces of a file to their new places.
 */
export async function copyPieces(from: OpenFile, to: OpenFile, pieces: readonly Piece[]): Promise<void> {
  const chunks = pieces.flatMap(chunksOf).values();
  const lane = async () => {
    const buffer = Buffer.allocUnsafe(CHUNK);
    for (const piece of chunks) {
      await writeAt(to, piece.to, await readAt(from, piece.from, piece.size, buffer));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
}

function chunksOf({ from, to, size }: Piece): Piece[] {
  return Array.from({ length: Math.ceil(size / CHUNK) }, (_, index) => {
    const done = index * CHUNK;
    return { from: from + done, to: to + done, size: Math.min(CHUNK, size - done) };
  });
}

/** Where in the new file the byte is that the old file has at `offset`. Undefined if it has been cut out. */
export function movedTo(offset: number, pieces: readonly Piece[]): number | undefined {
  const piece = pieces.find(({ from, size }) => from <= offset && offset < from + size);
  return piece && offset - piece.from + piece.to;
}

/** Writes patches, whose offsets are those of the old file. None of them may reach into what was cut out. */
export async function writePatches(
  to: OpenFile,
  patches: readonly Patch[],
  pieces: readonly Piece[],
): Promise<void> {
  for (const { offset, bytes } of patches) {
    if (bytes.length > 0) await writeAt(to, movedTo(offset, pieces) ?? offset, bytes);
  }
}
