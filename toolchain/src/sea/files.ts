import { constants } from "node:fs";
import { chmod, chown, copyFile, type FileHandle, open, realpath, rm } from "node:fs/promises";
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

/** How many bytes are read at a time: enough to be fast, and little beside the memory that Node itself takes. */
export const CHUNK = 4 << 20;

/** Awaits `work`, and turns an error of the operating system into a `sea-file` failure. */
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

/** Opens `path` for `work`, and closes it whether that succeeds or fails. */
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

/** Reads `length` bytes at `position`, or what is left if the file ends before. */
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
 * Copies an executable as one of this user's own. The kernel shares its blocks where the file system can do that. As root,
 * Node gives a copy the owner of its original (libuv's uv_fs_copyfile), who could then change it.
 */
export async function copyExecutable(from: string, to: string): Promise<void> {
  await attempt("copy", to, copyFile(from, to, constants.COPYFILE_FICLONE));
  await attempt("write", to, chown(to, process.geteuid?.() ?? 0, process.getegid?.() ?? 0));
  await attempt("write", to, chmod(to, 0o755));
}

/**
 * Runs `work`, which makes the file `out` from `inputs`. A file that is at `out` already is removed before. If `work`
 * fails, what it has made of `out` is removed too.
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
