import { Failure } from "../base/failure.ts";
import { type Cut, cutSegments, type Piece, piecesOf } from "./cut.ts";
import type { Header, Segment } from "./elf.ts";
import { copyExecutable, type OpenFile, readAt, withFile } from "./files.ts";
import { copyPieces, createExecutable, movedTo } from "./pieces.ts";
import type { Patch } from "./prune.ts";
import { cutOf } from "./trim.ts";
import { decodeTrim } from "./trim-file.ts";

/** How a base is copied without parts of it. */
export interface Trimming {
  /** The size of what is copied, in bytes. */
  readonly size: number;
  readonly pieces: readonly Piece[];
  /** In offsets of the base. */
  readonly patches: readonly Patch[];
  /** The program headers of the copy. */
  readonly segments: readonly Segment[];
}

/**
 * Plans how `base` is copied without what the file `trim` says; without that file, all of it is copied.
 *
 * @throws Failure<"sea">
 */
export async function planTrimming(
  base: OpenFile,
  { page }: Header,
  segments: readonly Segment[],
  trim: string | undefined,
): Promise<Trimming> {
  const cuts: Cut[] = [];
  const patches: Patch[] = [];
  for (const one of trim === undefined ? [] : await readTrim(trim, base)) {
    const { offset, size, data, tail } = one;
    const end = offset + size;
    const cut = cutOf(one, page);
    if (cut !== undefined) cuts.push(cut);
    const unusedEnd = cut?.offset ?? end - tail.length;
    const after = cut === undefined ? unusedEnd : cut.offset + cut.size;
    patches.push(
      { offset, bytes: data },
      { offset: offset + data.length, bytes: Buffer.alloc(unusedEnd - offset - data.length) },
      { offset: after, bytes: Buffer.alloc(end - tail.length - after) },
      { offset: end - tail.length, bytes: tail },
    );
  }
  const pieces = piecesOf(base.size, cuts);
  const last = pieces.at(-1);
  const size = last === undefined ? 0 : last.to + last.size;
  return { size, pieces, patches, segments: cutSegments(segments, cuts, page, base.path) };
}

async function readTrim(path: string, base: OpenFile) {
  const bytes = await withFile(path, "r", (file) => readAt(file, 0, file.size));
  return decodeTrim(bytes, path, base).replacements;
}

/** Copies the base as an executable of this user's own: by the kernel, if all of it is copied. */
export async function copyTrimmed(base: OpenFile, { pieces }: Trimming, out: string): Promise<void> {
  if (pieces.length === 1) return copyExecutable(base.path, out);
  await createExecutable(out);
  await withFile(out, "r+", (target) => copyPieces(base, target, pieces));
}

/** Reads back what was written in the place of parts that were left out. @throws Failure executable-unverified */
export async function verifyTrimmed(target: OpenFile, { patches, pieces }: Trimming): Promise<void> {
  for (const { offset, bytes } of patches) {
    if (bytes.length === 0) continue;
    const now = await readAt(target, movedTo(offset, pieces) ?? offset, bytes.length);
    if (!now.equals(bytes)) {
      throw new Failure("sea", { kind: "executable-unverified", path: target.path, what: "left-out" });
    }
  }
}
