import { Failure } from "../base/failure.ts";
import {
  EHDR_SIZE,
  type Header,
  PHDR_SIZE,
  PT_NOTE,
  readHeader,
  readSegments,
  type Segment,
} from "../sea/elf.ts";
import { withFile } from "../sea/files.ts";
import { findBlobNote } from "../sea/note.ts";
import { ABOUT, type About, parseAbout } from "./about.ts";
import type { Blob, Part } from "./blob.ts";
import { type Bytes, damaged, exactly, fileBytes } from "./bytes.ts";
import type { Foreign } from "./failures.ts";

/** Sizes in bytes far above what builds make. Hostile numbers could otherwise take all memory. */
const ABOUT_MAX = 4 << 20;
const ASSET_MAX = 64 << 20;
/** The blob's note is looked for in this many bytes of a note segment. */
const NOTE_SEARCH = 64 << 10;

/** Opens a file for `work`. @throws Failure inspect-unreadable */
export async function withBytes<T>(
  path: string,
  name: string,
  work: (bytes: Bytes) => Promise<T>,
): Promise<T> {
  try {
    return await withFile(path, "r", (file) => work({ ...fileBytes(file), path: name }));
  } catch (error) {
    if (!(error instanceof Failure) || error.layer !== "sea") throw error;
    const { failure } = error as Failure<"sea">;
    if (failure.kind !== "sea-file") throw error;
    throw new Failure(
      "inspect",
      { kind: "inspect-unreadable", path: name, code: failure.code },
      { cause: error },
    );
  }
}

/** Reads the headers of an ELF file, and says in this layer's words what is wrong with them. */
export async function readExecutable(bytes: Bytes): Promise<{ header: Header; segments: Segment[] }> {
  try {
    const header = readHeader(await bytes.read(0, EHDR_SIZE), bytes);
    const table = await bytes.read(header.phoff, header.phnum * PHDR_SIZE);
    return { header, segments: readSegments(table, header, bytes) };
  } catch (error) {
    if (!(error instanceof Failure) || error.layer !== "sea") throw error;
    const { failure } = error as Failure<"sea">;
    switch (failure.kind) {
      case "base-not-elf":
        throw foreign(bytes, "not-elf");
      case "base-wrong-machine":
      case "base-not-executable":
      case "base-not-64-bit-little-endian":
        throw foreign(bytes, "other-machine");
      case "base-truncated":
        throw damaged(bytes.path, "it ends before its headers say so");
      case "base-odd-headers":
        throw damaged(bytes.path, "its headers contradict each other");
      default:
        throw error;
    }
  }
}

/** Where the blob is that Node runs. @throws Failure not-built-here, built-file-damaged */
export async function findBlob(bytes: Bytes, segments: readonly Segment[]): Promise<Part> {
  for (const { type, offset, filesz } of segments) {
    if (type !== PT_NOTE) continue;
    const note = findBlobNote(await bytes.read(offset, Math.min(filesz, NOTE_SEARCH)));
    if (note === undefined) continue;
    const where = { at: offset + note.at, size: note.size };
    if (where.at + where.size > bytes.size)
      throw damaged(bytes.path, "its blob ends past the end of the file");
    return where;
  }
  throw foreign(bytes, "no-blob");
}

/** The bytes of an asset that only some versions of bpf-app have written. */
export async function readAsset(bytes: Bytes, { assets }: Blob, name: string): Promise<Buffer | undefined> {
  const part = assets.get(name);
  if (part === undefined) return undefined;
  if (part.size > ASSET_MAX) throw damaged(bytes.path, `${name} in it is too long`);
  return exactly(bytes, part.at, part.size, name);
}

/** @throws Failure not-built-here, built-file-damaged */
export async function readAbout(bytes: Bytes, { assets }: Blob): Promise<About> {
  const part = assets.get(ABOUT);
  if (part === undefined) throw foreign(bytes, "not-about");
  if (part.size > ABOUT_MAX) throw damaged(bytes.path, "what it says of itself is too long");
  return parseAbout(bytes.path, await exactly(bytes, part.at, part.size, "what it says of itself"));
}

function foreign(bytes: Bytes, why: Foreign): Failure<"inspect"> {
  return new Failure("inspect", { kind: "not-built-here", path: bytes.path, why });
}
