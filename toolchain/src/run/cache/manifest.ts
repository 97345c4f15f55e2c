import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../../base/replace-file.ts";
import { isMissing } from "../files.ts";
import type { OutputText } from "../output.ts";
import { seal, unseal } from "../sealed.ts";
import { type CacheFolder, makingPath } from "./folder.ts";

/** One result of one step: the outputs, and the discovered inputs from which they were made. */
export interface Manifest {
  /** The step's id, for people. */
  readonly id: string;
  /** The content of each input that the command discovered, by its path. */
  readonly discovered: Readonly<Record<string, string>>;
  /** Each output, by its path. */
  readonly outputs: Readonly<Record<string, OutputText>>;
  /** The sum of the outputs' sizes. */
  readonly bytes: number;
  /** How long the command took, in milliseconds. */
  readonly ms: number;
}

/** A manifest and the file that contains it. The file's modification time says when the result was last used. */
export interface Filed {
  readonly file: string;
  readonly manifest: Manifest;
}

/** Reads the manifests of a key. Those that cannot be read are removed. */
export function readManifests(folder: CacheFolder, key: string): Filed[] {
  const place = join(folder.manifests, key);
  const found: Filed[] = [];
  for (const name of listIfThere(place)) {
    const file = join(place, name);
    // The checksum proves that `writeManifest` wrote the line, and the layout's version that it was this format.
    const manifest = unseal((readIfThere(file) ?? "").trimEnd()) as Manifest | undefined;
    if (manifest) found.push({ file, manifest });
    else rmSync(file, { force: true });
  }
  return found;
}

/** Writes a manifest. `name` tells it from the others of its key. Readers see the whole manifest or none. */
export function writeManifest(folder: CacheFolder, key: string, name: string, manifest: Manifest): void {
  const place = join(folder.manifests, key);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const making = makingPath(folder);
  writeFileSync(making, seal(manifest), { mode: 0o600 });
  renameSync(making, join(place, name));
}

/** Notes that a result was used. */
export function touchManifest({ file }: Filed): void {
  const now = new Date();
  utimesSync(file, now, now);
}

/** The names in a folder; empty if there is no such folder. */
export function listIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
