import { type FileHandle, open, realpath, rm } from "node:fs/promises";
import { Failure } from "../base/failure.ts";
import {
  EHDR_SIZE,
  type Header,
  PHDR_SIZE,
  readHeader,
  readSegments,
  type Segment,
  type Source,
} from "./elf.ts";
import { encodeField, type Field } from "./elf-write.ts";
import type { FileOperation } from "./failures.ts";

/** Bytes read at a time: large enough for speed, small beside what Node itself takes. */
export const CHUNK = 4 << 20;

/** Awaits `work`; an error of the operating system becomes a `sea-file` failure. */
export async function attempt<T>(operation: FileOperation, path: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === undefined || error instanceof Failure) throw error;
    throw new Failure("sea", { kind: "sea-file", operation, path, code }, { cause: error });
  }
}

export interface OpenFile extends Source {
  readonly handle: FileHandle;
}

/** Opens `path` for `work`, and closes it whatever comes. */
export async function withFile<T>(
  path: string,
  flags: "r" | "r+",
  work: (file: OpenFile) => Promise<T>,
): Promise<T> {
  const handle = await attempt(flags === "r" ? "read" : "write", path, open(path, flags));
  try {
    const { size } = await attempt("read", path, handle.stat());
    return await work({ handle, path, size });
  } finally {
    await handle.close();
  }
}

/** Reads up to `length` bytes at `position`; fewer only at the file's end. */
export async function readAt(
  file: OpenFile,
  position: number,
  length: number,
  into?: Buffer,
): Promise<Buffer> {
  const buffer = into?.subarray(0, length) ?? Buffer.allocUnsafe(length);
  let done = 0;
  while (done < length) {
    const { bytesRead } = await attempt(
      "read",
      file.path,
      file.handle.read(buffer, done, length - done, position + done),
    );
    if (bytesRead === 0) break;
    done += bytesRead;
  }
  return buffer.subarray(0, done);
}

export async function writeAt(file: OpenFile, position: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length) {
    const { bytesWritten } = await attempt(
      "write",
      file.path,
      file.handle.write(bytes, done, bytes.length - done, position + done),
    );
    done += bytesWritten;
  }
}

/** Changes fields of the ELF header. */
export async function writeFields(file: OpenFile, fields: readonly Field[]): Promise<void> {
  for (const field of fields) await writeAt(file, field.at, encodeField(field));
}

/** Reads a file's ELF header and program headers. */
export async function readElf(file: OpenFile): Promise<{ header: Header; segments: Segment[] }> {
  const header = readHeader(await readAt(file, 0, EHDR_SIZE), file);
  const segments = readSegments(await readAt(file, header.phoff, header.phnum * PHDR_SIZE), header, file);
  return { header, segments };
}

/**
 * Runs `work`, which makes the file `out` from `inputs`. What was at `out` is removed before, and if `work` fails, so
 * is what it had made of it.
 */
export async function making<T>(out: string, inputs: readonly string[], work: () => Promise<T>): Promise<T> {
  const there = await realpath(out).catch(() => undefined);
  for (const input of inputs) {
    if (there !== undefined && there === (await realpath(input).catch(() => undefined))) {
      throw new Failure("sea", { kind: "output-is-input", path: out });
    }
  }
  await attempt("write", out, rm(out, { force: true }));
  try {
    return await work();
  } catch (error) {
    await rm(out, { force: true }).catch(() => {});
    throw error;
  }
}
