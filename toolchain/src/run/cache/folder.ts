import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../../base/failure.ts";

/** Changes with the layout of the cache, so that versions of the toolchain do not read each other's. */
const layout = "v1";

export interface CacheFolder {
  /** One folder per key, in it one manifest per set of discovered inputs. */
  readonly manifests: string;
  /** Files by the SHA-256 of their bytes. */
  readonly objects: string;
  /** Where files are written before they get their names. */
  readonly making: string;
}

/**
 * Opens or makes a cache. What a manifest says is believed, so its folder must be of this user and writable by nobody
 * else; throws `cache-not-ours` otherwise.
 */
export function openCacheFolder(path: string): CacheFolder {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(path);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0) {
    throw new Failure("run", { kind: "cache-not-ours", path });
  }
  const folder = {
    manifests: join(path, layout, "manifests"),
    objects: join(path, layout, "objects"),
    making: join(path, layout, "making"),
  };
  for (const part of Object.values(folder)) mkdirSync(part, { recursive: true, mode: 0o700 });
  return folder;
}

/** A name of its own for a file that is being made. */
export function makingPath(folder: CacheFolder): string {
  const random = Math.random().toString(36).slice(2);
  return join(folder.making, `${process.pid}-${process.hrtime.bigint()}-${random}`);
}
