import { chmodSync, constants, linkSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hashInTurns } from "../files.ts";
import { type CacheFolder, makingPath } from "./folder.ts";

/**
 * From this size on, in bytes, a file is shared with the cache by a hard link rather than copied, where the file
 * system cannot share the bytes alone. Such files are read-only on both sides. Someone who changes one all the same
 * (root can) changes every app's: each of them sees by the file's stat that its output is no longer what its record
 * says, the cache finds out by the hash when it next reads it, and all build anew. Small files are not worth that.
 */
const linkedFrom = 1 << 20;

export function objectPath(folder: CacheFolder, hash: string): string {
  return join(folder.objects, hash.slice(0, 2), hash.slice(2));
}

/** Puts a file of known hash into the cache. A large one turns read-only, and then is the cache's file itself. */
export async function putObject(folder: CacheFolder, file: string, hash: string): Promise<void> {
  const path = objectPath(folder, hash);
  if (lstatSync(path, { throwIfNoEntry: false })) return;
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const making = makingPath(folder);
  try {
    await share(file, making);
    renameSync(making, path);
  } finally {
    rmSync(making, { force: true });
  }
}

/**
 * Gives a file of the cache a second name at `file`, which must not exist. False when the cache has no such file, or
 * one that is not what it should be, which then is dropped.
 */
export async function getObject(
  folder: CacheFolder,
  hash: string,
  file: string,
  mode: number,
): Promise<boolean> {
  const path = objectPath(folder, hash);
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  await share(path, file);
  if ((await hashInTurns(file)) !== hash) {
    rmSync(path, { force: true });
    rmSync(file, { force: true });
    return false;
  }
  await setMode(file, mode);
  return true;
}

/** The mode that outputs of a shared step have: as made, but for the large ones. */
export function sharedMode(mode: number, size: number): number {
  return size >= linkedFrom ? mode & 0o555 : mode;
}

async function setMode(file: string, mode: number): Promise<void> {
  const stat = lstatSync(file);
  if ((stat.mode & 0o777) === mode) return;
  if (stat.nlink > 1) {
    // The same bytes with another mode belong to someone else as well.
    const own = `${file}~`;
    await copyFile(file, own);
    renameSync(own, file);
  }
  chmodSync(file, mode);
}

async function share(from: string, to: string): Promise<void> {
  if (lstatSync(from).size < linkedFrom) return copyFile(from, to);
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE);
    return;
  } catch {
    // The file system has no reflinks, or the two are not on the same one.
    rmSync(to, { force: true });
  }
  try {
    linkSync(from, to);
  } catch {
    await copyFile(from, to);
  }
}
