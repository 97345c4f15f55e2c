import { mkdirSync, readdirSync, renameSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readIfThere } from "../../base/replace-file.ts";
import { isMissing } from "../files.ts";
import type { OutputText } from "../output.ts";
import { seal, unseal } from "../sealed.ts";
import { type CacheFolder, makingPath } from "./folder.ts";

/** One result of one step: what else it was made from, and what it is. */
export interface Manifest {
  /** The step's id, for people. */
  readonly id: string;
  /** Content of the inputs that only the command knew of. */
  readonly discovered: Readonly<Record<string, string>>;
  /** Every output. */
  readonly outputs: Readonly<Record<string, OutputText>>;
  /** Sum of the outputs' sizes. */
  readonly bytes: number;
  /** How long the command took, in milliseconds. */
  readonly ms: number;
}

/** A manifest and the file that holds it, whose time says when it was last of use. */
export interface Filed {
  readonly file: string;
  readonly manifest: Manifest;
}

/** The manifests for a key; those that cannot be read are dropped. */
export function readManifests(folder: CacheFolder, key: string): Filed[] {
  const place = join(folder.manifests, key);
  const found: Filed[] = [];
  for (const name of listIfThere(place)) {
    const file = join(place, name);
    const manifest = unseal((readIfThere(file) ?? "").trimEnd()) as Manifest | undefined;
    if (manifest) found.push({ file, manifest });
    else rmSync(file, { force: true });
  }
  return found;
}

/** Files a manifest; `name` tells it from others of its key. It appears whole or not at all. */
export function writeManifest(folder: CacheFolder, key: string, name: string, manifest: Manifest): void {
  const place = join(folder.manifests, key);
  mkdirSync(place, { recursive: true, mode: 0o700 });
  const making = makingPath(folder);
  writeFileSync(making, seal(manifest), { mode: 0o600 });
  renameSync(making, join(place, name));
}

export function touchManifest({ file }: Filed): void {
  const now = new Date();
  utimesSync(file, now, now);
}

export function listIfThere(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
