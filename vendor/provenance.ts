import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OriginName } from "./origin.ts";

/**
 * The file vendor/origins.json of an app, which says where its vendored sources came from. It has no date, so that it
 * is reproducible.
 */
export interface Provenance {
  readonly sources: Readonly<Record<string, SourceRecord>>;
}

/** Where one source came from. */
export interface SourceRecord {
  readonly origin: OriginName;
  /** Upstream's version number: `1.7.0`. */
  readonly version: string;
  /** An SPDX expression. */
  readonly licence: string;
  /** The repository, its tag and its commit. They are set if the origin was git or the package. */
  readonly url?: string;
  readonly tag?: string;
  readonly commit?: string;
  /** The suite, the package and its version. They are set if the source was found by a distribution's index. */
  readonly suite?: string;
  readonly package?: string;
  readonly packageVersion?: string;
  /** The distribution's patches that were applied, in order. */
  readonly patches?: readonly string[];
  /** The files that were downloaded, or that the package carries. */
  readonly files?: readonly Download[];
  /** What was tried before without success. */
  readonly tried: readonly Attempt[];
}

/** Something that was tried and did not deliver. */
export interface Attempt {
  readonly origin: OriginName;
  /** The label of the origin's offer: a suite, a file. Absent if the fault concerned the whole origin. */
  readonly offer?: string;
  /** The reason, as part of a sentence. */
  readonly why: string;
}

/** A file that was downloaded. */
export interface Download {
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly sha256: string;
}

const file = (app: string) => join(app, "vendor", "origins.json");

/** Writes vendor/origins.json in the folder `app`. */
export async function writeProvenance(app: string, provenance: Provenance): Promise<void> {
  await mkdir(join(app, "vendor"), { recursive: true });
  await writeFile(file(app), `${JSON.stringify(provenance, null, 2)}\n`);
}

/** Reads vendor/origins.json in the folder `app`. Undefined if it does not exist or cannot be read. */
export async function readProvenance(app: string): Promise<Provenance | undefined> {
  try {
    const value = JSON.parse(await readFile(file(app), "utf8")) as Provenance;
    return typeof value.sources === "object" && value.sources !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
