import { chmodSync, constants, linkSync, lstatSync, mkdirSync, renameSync, rmSync } from "node:fs";
import { copyFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { hashInTurns } from "../files.ts";
import { type CacheFolder, makingPath } from "./folder.ts";

/**
 * A file of at least this size, in bytes, is shared with the cache by a hard link if the file system has no reflinks.
 * Smaller files are copied. A linked file is read-only on both sides. Root can change it nevertheless, and then changes
 * it for every app. That does no harm: each app sees by the file's stat that its output is not the recorded one, the
 * cache sees by the hash that its file is damaged, and all of them build it again.
 */
const LINK_SIZE = 1 << 20;

/** Where the cache keeps the file with this SHA-256. */
export function objectPath(folder: CacheFolder, hash: string): string {
  return join(folder.objects, hash.slice(0, 2), hash.slice(2));
}

/** Puts a file into the cache. `hash` is its SHA-256. A large file, which must be read-only by now, is linked. */
export async function putObject(folder: CacheFolder, file: string, hash: string): Promise<void> {
  const path = objectPath(folder, hash);
  if (isOurs(path)) return;
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
 * Puts a file of the cache at `file`, where nothing may lie yet. Returns false if the cache does not have the file. If
 * its content does not have the expected hash, or it belongs to somebody else by now, the file is removed from the cache
 * and the result is false as well.
 */
export async function getObject(
  folder: CacheFolder,
  hash: string,
  file: string,
  mode: number,
): Promise<boolean> {
  const path = objectPath(folder, hash);
  if (!lstatSync(path, { throwIfNoEntry: false })?.isFile()) return false;
  if (!isOurs(path)) {
    rmSync(path, { force: true });
    return false;
  }
  await share(path, file);
  if ((await hashInTurns(file)) !== hash) {
    rmSync(path, { force: true });
    rmSync(file, { force: true });
    return false;
  }
  await setMode(file, mode);
  return true;
}

/**
 * Whether a file is there and belongs to this user. An app's folder that root has built in may be given to somebody with
 * `chown -R`, and a file that is linked there goes with it. Its new owner could write to it after its hash was looked at.
 */
function isOurs(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.uid === process.geteuid?.();
}

/** The mode of an output that apps share. Large files lose the right to be written to, because they are linked. */
export function sharedMode(mode: number, size: number): number {
  return size >= LINK_SIZE ? mode & 0o555 : mode;
}

async function setMode(file: string, mode: number): Promise<void> {
  const stat = lstatSync(file);
  if ((stat.mode & 0o777) === mode) return;
  if (stat.nlink > 1) {
    // The mode belongs to the file and not to its name, and another app needs the other mode. So this one gets a copy.
    const own = `${file}~`;
    await copyFile(file, own);
    renameSync(own, file);
  }
  chmodSync(file, mode);
}

async function share(from: string, to: string): Promise<void> {
  if (lstatSync(from).size < LINK_SIZE) return copyFile(from, to);
  try {
    await copyFile(from, to, constants.COPYFILE_FICLONE_FORCE);
    return;
  } catch {
    // The file system has no reflinks, or the two paths are on different file systems.
    rmSync(to, { force: true });
  }
  try {
    linkSync(from, to);
  } catch {
    await copyFile(from, to);
  }
}
