import { createHash } from "node:crypto";
import { Failure } from "../base/failure.ts";
import { type Header, loadsOf, PF_R, PT_NOTE, PT_NULL, PT_PHDR, type Segment } from "./elf.ts";
import type { Unverified } from "./failures.ts";
import { CHUNK, type OpenFile, readAt, readElf } from "./files.ts";
import { FUSE_SIZE, fuseState } from "./fuse.ts";
import { headersWhereKernelsSay, type Layout } from "./layout.ts";
import { findBlobNote, NOTE_HEAD_SIZE } from "./note.ts";
import { SILENT } from "./silence.ts";

export interface Expected {
  readonly layout: Layout;
  /** Of the base. */
  readonly header: Header;
  /** Of the base, without what was left out of it. */
  readonly segments: readonly Segment[];
  readonly fuse: number;
  /** Where names of variables were silenced. */
  readonly names: readonly number[];
  readonly blobSize: number;
  readonly blobSha256: string;
}

/**
 * Reads a finished executable back as the kernel and Node will do it. Checks its headers, the note that leads to the
 * blob, the blob's hash and the fuse.
 *
 * @throws Failure<"sea"> of kind `executable-unverified`, or what reading its headers throws
 */
export async function verify(file: OpenFile, expected: Expected): Promise<void> {
  const wrong = (what: Unverified) =>
    new Failure("sea", { kind: "executable-unverified", path: file.path, what });
  if (file.size !== expected.layout.size) throw wrong("size");
  if (((await file.handle.stat()).mode & 0o777) !== 0o755) throw wrong("mode");
  const { header, segments } = await readElf(file);
  if (header.arch !== expected.header.arch || segments.length !== expected.layout.segments.length)
    throw wrong("headers");
  if (header.pie !== expected.header.pie || !keepsProtections(expected.segments, segments))
    throw wrong("protections");
  if (!headersWhereKernelsSay(header.phoff, segments)) throw wrong("program-headers-address");

  const note = segments.findLast((segment) => segment.type === PT_NOTE);
  if (note === undefined || !isLoaded(note, segments)) throw wrong("note");
  const found = findBlobNote(await readAt(file, note.offset, Math.min(note.filesz, NOTE_HEAD_SIZE)));
  if (found === undefined || found.size !== expected.blobSize) throw wrong("note");
  if ((await sha256(file, note.offset + found.at, found.size)) !== expected.blobSha256) throw wrong("blob");
  if (fuseState(await readAt(file, expected.fuse, FUSE_SIZE)) !== "on") throw wrong("fuse");
  for (const name of expected.names)
    if (!(await readAt(file, name, SILENT.length)).equals(SILENT)) throw wrong("names");
}

/**
 * Whether the finished file is as protected as Node is. Every segment of Node is there as it was: which of them may be
 * written or run, the part that becomes read-only after relocation (PT_GNU_RELRO), the stack that is not executable
 * (PT_GNU_STACK), what the processor is asked to check (PT_GNU_PROPERTY). What was added may be read, and no more.
 */
export function keepsProtections(base: readonly Segment[], finished: readonly Segment[]): boolean {
  const rest = finished.filter(({ type }) => type !== PT_NULL).map((segment) => JSON.stringify(segment));
  for (const segment of base) {
    if (segment.type === PT_PHDR || segment.type === PT_NULL) continue;
    const at = rest.indexOf(JSON.stringify(segment));
    if (at < 0) return false;
    rest.splice(at, 1);
  }
  return rest.every((text) => (JSON.parse(text) as Segment).flags === PF_R);
}

function isLoaded(segment: Segment, segments: readonly Segment[]): boolean {
  return loadsOf(segments).some(
    (load) =>
      load.vaddr <= segment.vaddr &&
      segment.vaddr + segment.memsz <= load.vaddr + load.filesz &&
      load.vaddr - load.offset === segment.vaddr - segment.offset,
  );
}

async function sha256(file: OpenFile, offset: number, size: number): Promise<string> {
  const hash = createHash("sha256");
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size));
  for (let done = 0; done < size; ) {
    const bytes = await readAt(file, offset + done, Math.min(CHUNK, size - done), buffer);
    if (bytes.length === 0) break;
    hash.update(bytes);
    done += bytes.length;
  }
  return hash.digest("hex");
}
