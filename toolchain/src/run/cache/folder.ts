import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../base/failure.ts";

/** Changes with the layout of the cache, so that no version of the toolchain reads what another one has written. */
const LAYOUT = "v1";

/** The folders of a cache, as absolute paths. */
export interface CacheFolder {
  /** Has one folder for each key, with one manifest for each set of discovered inputs. */
  readonly manifests: string;
  /** Has the cached files, named by the SHA-256 of their bytes. */
  readonly objects: string;
  /** Files are written here before they get their names. */
  readonly making: string;
}

/**
 * Opens or creates a cache. Builds believe what a manifest says, so the folder must belong to this user and be writable
 * by nobody else.
 * @throws Failure cache-not-ours
 */
export function openCacheFolder(path: string): CacheFolder {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(path);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new Failure("run", { kind: "cache-not-ours", path });
  }
  const folder = {
    manifests: join(path, LAYOUT, "manifests"),
    objects: join(path, LAYOUT, "objects"),
    making: join(path, LAYOUT, "making"),
  };
  for (const part of Object.values(folder)) mkdirSync(part, { recursive: true, mode: 0o700 });
  return folder;
}

/** A path that no other process uses, for a file that is being written. */
export function makingPath(folder: CacheFolder): string {
  const random = Math.random().toString(36).slice(2);
  return join(folder.making, `${process.pid}-${process.hrtime.bigint()}-${random}`);
}
