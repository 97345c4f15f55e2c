import { createHash } from "node:crypto";
import { Failure } from "../base/failure.ts";
import { type Header, loadsOf, PHDR_SIZE, PT_NOTE, type Segment } from "./elf.ts";
import { encodeSegments, NO_SECTIONS, programHeaderFields } from "./elf-write.ts";
import {
  attempt,
  CHUNK,
  making,
  type OpenFile,
  readAt,
  readElf,
  withFile,
  writeAt,
  writeFields,
} from "./files.ts";
import { FUSE_SIZE, FUSE_STATE_AT, findFuses, findVersion, fuseState, namesVersion } from "./fuse.ts";
import { type Layout, planInjection } from "./layout.ts";
import { encodeNoteHead, findBlobNote } from "./note.ts";
import { movedTo, writePatches } from "./pieces.ts";
import { findNames, SILENT } from "./silence.ts";
import { type BlobShape, readBlobShape, TRAILER_SIZE } from "./trailer.ts";
import { copyTrimmed, planTrimming, verifyTrimmed } from "./trimming.ts";
import { type Expected, verify } from "./verify.ts";

export interface InjectReport {
  /** The size of the finished file in bytes, as `ls` shows it. The hole in it takes no room on the disk. */
  readonly size: number;
  /** How many of these bytes are a hole. */
  readonly hole: number;
  /** Where in the file the blob starts. */
  readonly blobOffset: number;
  /** How many bytes the blob has. */
  readonly blobSize: number;
  /** The sha256 of the blob in hexadecimal, as it was read back from the finished file. */
  readonly blobSha256: string;
  /** Where in the file the fuse's state is. */
  readonly fuseOffset: number;
  /** The version of the Node that made the blob, if the blob says it. */
  readonly version: string | undefined;
}

/** The blob's note is looked for in this many bytes of each note segment. */
const NOTE_SEARCH = 64 << 10;

/**
 * Makes a single executable, which is a copy of `base`, a stripped Node, with `blob` in it.
 *
 * The base is copied, without what `trim` says, while it is searched for the fuse. Then the new program headers, the note
 * with the blob, the fuse's new state and the end of the silenced names are written, and all of it is read back. If any of
 * that fails, nothing is left at `out`.
 *
 * @throws Failure<"sea">
 */
export async function inject(files: {
  base: string;
  blob: string;
  /** What of the base is left out, as `makeTrim` wrote it. */
  trim?: string | undefined;
  out: string;
}): Promise<InjectReport> {
  const { base: basePath, blob: blobPath, trim, out } = files;
  return withFile(basePath, "r", (base) =>
    withFile(blobPath, "r", async (blob) => {
      const { header, segments } = await readElf(base);
      await refuseInjected(base, segments);
      const shape = await blobShape(blob);
      const trimming = await planTrimming(base, header, segments, trim);
      const trimmed = { path: base.path, size: trimming.size };
      const layout = planInjection(header, trimming.segments, trimmed, shape.size);
      return making(out, [basePath, blobPath, ...(trim === undefined ? [] : [trim])], async () => {
        const searching = findFuse(base, segments, blob, shape);
        const copying = copyTrimmed(base, trimming, out);
        // A copy that goes on after the search has failed could make `out` again after it was removed.
        await Promise.allSettled([searching, copying]);
        const found = await searching;
        await copying;
        const moved = (at: number) => movedTo(at, trimming.pieces) ?? at;
        const fuse = moved(found.fuse);
        const names = found.names.map(moved);
        const written = await withFile(out, "r+", async (target) => {
          await writePatches(target, trimming.patches, trimming.pieces);
          return write(target, { header, layout, blob, shape, fuse, names });
        });
        const expected: Expected = { ...written, layout, header, segments: trimming.segments, fuse, names };
        await withFile(out, "r", async (target) => {
          await verify(target, expected);
          await verifyTrimmed(target, trimming);
        });
        return {
          size: layout.size,
          hole: layout.hole,
          blobOffset: layout.blobOffset,
          blobSize: shape.size,
          blobSha256: expected.blobSha256,
          fuseOffset: fuse + FUSE_STATE_AT,
          version: shape.version,
        };
      });
    }),
  );
}

async function refuseInjected(base: OpenFile, segments: readonly Segment[]): Promise<void> {
  for (const { type, offset, filesz } of segments) {
    if (type !== PT_NOTE) continue;
    if (findBlobNote(await readAt(base, offset, Math.min(filesz, NOTE_SEARCH))) !== undefined) {
      throw new Failure("sea", { kind: "base-already-injected", path: base.path, by: "note" });
    }
  }
}

async function blobShape(blob: OpenFile): Promise<BlobShape> {
  const tail = Math.min(blob.size, TRAILER_SIZE);
  return readBlobShape(await readAt(blob, 0, 4), await readAt(blob, blob.size - tail, tail), blob);
}

/**
 * Reads, in chunks, what the segments load from the file. Each chunk of a segment begins with the last `overlap` bytes
 * of the chunk before.
 */
async function* loadedChunks(file: OpenFile, segments: readonly Segment[], overlap: number) {
  const buffer = Buffer.allocUnsafe(CHUNK);
  for (const { offset, filesz } of loadsOf(segments)) {
    const end = offset + filesz;
    for (let at = offset; at < end; at += CHUNK - overlap) {
      yield { at, bytes: await readAt(file, at, Math.min(CHUNK, end - at), buffer) };
      if (at + CHUNK >= end) break;
    }
  }
}

/**
 * Finds where the base's only fuse starts, and the names that are to be silenced. It also checks that the base has the version of the Node that made the blob, if
 * both versions are known.
 */
async function findFuse(
  base: OpenFile,
  segments: readonly Segment[],
  blob: OpenFile,
  shape: BlobShape,
): Promise<{ fuse: number; names: readonly number[] }> {
  const fuses: { at: number; state: string }[] = [];
  const names = new Set<number>();
  let sameVersion = shape.version === undefined;
  for await (const { at, bytes } of loadedChunks(base, segments, FUSE_SIZE - 1)) {
    for (const found of findFuses(bytes)) fuses.push({ at: at + found, state: fuseState(bytes, found) });
    for (const found of findNames(bytes)) names.add(at + found);
    sameVersion ||= shape.version !== undefined && namesVersion(bytes, shape.version);
  }
  const [fuse] = fuses;
  if (fuse === undefined) throw new Failure("sea", { kind: "base-without-fuse", path: base.path });
  if (fuses.length > 1) {
    throw new Failure("sea", { kind: "base-several-fuses", path: base.path, count: fuses.length });
  }
  if (fuse.state === "on") {
    throw new Failure("sea", { kind: "base-already-injected", path: base.path, by: "fuse" });
  }
  if (fuse.state !== "off") throw new Failure("sea", { kind: "base-without-fuse", path: base.path });
  if (!sameVersion) await refuseOtherVersion(base, segments, blob, shape.version ?? "");
  return { fuse: fuse.at, names: [...names] };
}

/**
 * For a base that does not name the blob's version: refuses it if it names another version, but not if it names none.
 */
async function refuseOtherVersion(
  base: OpenFile,
  segments: readonly Segment[],
  blob: OpenFile,
  version: string,
): Promise<void> {
  for await (const { bytes } of loadedChunks(base, segments, FUSE_SIZE - 1)) {
    const other = findVersion(bytes);
    if (other === undefined) continue;
    throw new Failure("sea", {
      kind: "blob-version-mismatch",
      path: blob.path,
      blob: version,
      base: other,
    });
  }
}

/** What is written into the copy of the base. */
interface Injection {
  /** Of the base. */
  readonly header: Header;
  readonly layout: Layout;
  readonly blob: OpenFile;
  readonly shape: BlobShape;
  readonly fuse: number;
  readonly names: readonly number[];
}

async function write(
  target: OpenFile,
  { header, layout, blob, shape, fuse, names }: Injection,
): Promise<Pick<Expected, "blobSize" | "blobSha256">> {
  const old = await readAt(target, fuse, FUSE_SIZE);
  if (old.length !== FUSE_SIZE || fuseState(old) !== "off") {
    throw new Failure("sea", { kind: "executable-unverified", path: target.path, what: "fuse" });
  }
  await attempt("write", target.path, target.handle.truncate(layout.size));
  const unused = Buffer.alloc(header.phnum * PHDR_SIZE);
  if (layout.phoff === header.phoff) await writeAt(target, layout.phoff, unused);
  await writeAt(target, layout.phoff, encodeSegments(layout.segments));
  await writeAt(target, layout.noteOffset, encodeNoteHead(shape.size));
  const blobSha256 = await copyBlob(blob, shape.size, target, layout.blobOffset);
  await writeAt(target, fuse + FUSE_STATE_AT, Buffer.from("1"));
  for (const name of names) await writeAt(target, name, SILENT);
  await writeFields(target, [
    ...programHeaderFields(layout.phoff, layout.segments.length),
    // binutils' strip destroys a file whose program headers are not at its start, and does not say so. It refuses a
    // file without sections.
    ...NO_SECTIONS,
  ]);
  return { blobSize: shape.size, blobSha256 };
}

async function copyBlob(blob: OpenFile, size: number, target: OpenFile, to: number): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size));
  for (let done = 0; done < size; ) {
    const bytes = await readAt(blob, done, Math.min(CHUNK, size - done), buffer);
    if (bytes.length === 0) {
      throw new Failure("sea", { kind: "blob-not-sea", path: blob.path, why: "trailer" });
    }
    hash.update(bytes);
    await writeAt(target, to + done, bytes);
    done += bytes.length;
  }
  return hash.digest("hex");
}
