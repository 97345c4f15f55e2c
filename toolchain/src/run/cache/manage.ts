import { existsSync, lstatSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { parseOutput } from "../output.ts";
import { type CacheFolder, openCacheFolder } from "./folder.ts";
import { type Filed, listIfThere, readManifests } from "./manifest.ts";
import { objectPath } from "./objects.ts";

/** What a cache holds. Sizes are in bytes. */
export interface CacheContents {
  readonly path: string;
  /** Space on the disk. Files that several results share are counted once. */
  readonly bytes: number;
  /** The most recently used comes first. */
  readonly results: readonly {
    /** The id of the step that made it. */
    readonly id: string;
    readonly bytes: number;
    readonly used: Date;
  }[];
}

/** What pruning has removed from a cache. */
export interface Pruned {
  /** The number of results that were removed. */
  readonly results: number;
  /** Bytes that were freed. */
  readonly freed: number;
  /** Bytes that are left. */
  readonly bytes: number;
}

/**
 * A file that belongs to no result is removed when it is older than this, in milliseconds. A younger one may belong to
 * a build that is about to write its manifest.
 */
const UNFILED_AGE = 10 * 60_000;

/**
 * Lists what a cache holds.
 * @throws Failure cache-not-ours
 */
export function showCache(path: string): CacheContents {
  if (!existsSync(path)) return { path, bytes: 0, results: [] };
  const folder = openCacheFolder(path);
  const results = byUse(folder).map(({ filed, used }) => ({
    id: filed.manifest.id,
    bytes: filed.manifest.bytes,
    used: new Date(used),
  }));
  return { path, bytes: [...objects(folder).values()].reduce((sum, { size }) => sum + size, 0), results };
}

/**
 * Removes the results that were used longest ago until at most `maxBytes` are left. Builds may run at the same time: a
 * build that no longer finds a file builds it again.
 * @throws Failure cache-not-ours
 */
export function pruneCache(path: string, { maxBytes }: { readonly maxBytes: number }): Pruned {
  if (!existsSync(path)) return { results: 0, freed: 0, bytes: 0 };
  const folder = openCacheFolder(path);
  const all = objects(folder);
  const kept = new Set<string>();
  let bytes = 0;
  let dropped = 0;
  let full = false;
  for (const { filed } of byUse(folder)) {
    const added = hashes(filed).filter((hash) => !kept.has(hash));
    const size = added.reduce((sum, hash) => sum + (all.get(hash)?.size ?? 0), 0);
    full ||= bytes + size > maxBytes;
    if (full) {
      rmSync(filed.file, { force: true });
      dropped++;
      for (const hash of added) {
        const object = all.get(hash);
        if (object) object.filed = true;
      }
    } else {
      bytes += size;
      for (const hash of added) kept.add(hash);
    }
  }
  const freed = removeObjects(folder, all, kept);
  removeOld(folder.making);
  return { results: dropped, freed, bytes };
}

function removeObjects(
  folder: CacheFolder,
  all: ReturnType<typeof objects>,
  kept: ReadonlySet<string>,
): number {
  let freed = 0;
  for (const [hash, { size, changed, filed }] of all) {
    if (kept.has(hash) || (!filed && Date.now() - changed < UNFILED_AGE)) continue;
    rmSync(objectPath(folder, hash), { force: true });
    freed += size;
  }
  return freed;
}

function removeOld(folder: string): void {
  for (const name of listIfThere(folder)) {
    const stat = lstatSync(join(folder, name), { throwIfNoEntry: false });
    if (stat && Date.now() - stat.ctimeMs > UNFILED_AGE) rmSync(join(folder, name), { force: true });
  }
}

function byUse(folder: CacheFolder): { filed: Filed; used: number }[] {
  return listIfThere(folder.manifests)
    .flatMap((key) => readManifests(folder, key))
    .map((filed) => ({ filed, used: statSync(filed.file, { throwIfNoEntry: false })?.mtimeMs ?? 0 }))
    .sort((a, b) => b.used - a.used);
}

function hashes({ manifest }: Filed): string[] {
  const outputs = Object.values(manifest.outputs).map(parseOutput);
  return [...new Set(outputs.flatMap((output) => ("hash" in output ? [output.hash] : [])))];
}

function objects(folder: CacheFolder): Map<string, { size: number; changed: number; filed: boolean }> {
  const found = new Map<string, { size: number; changed: number; filed: boolean }>();
  for (const start of listIfThere(folder.objects)) {
    for (const rest of listIfThere(join(folder.objects, start))) {
      const stat = lstatSync(join(folder.objects, start, rest), { throwIfNoEntry: false });
      if (stat) found.set(start + rest, { size: stat.size, changed: stat.ctimeMs, filed: false });
    }
  }
  return found;
}
