import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { OriginName } from "./origin.ts";

/** vendor/origins.json of an app: where its vendored sources came from. Holds no date, so that it is reproducible. */
export interface Provenance {
  readonly sources: Readonly<Record<string, SourceRecord>>;
}

export interface SourceRecord {
  readonly origin: OriginName;
  /** As upstream counts: `1.7.0`. */
  readonly version: string;
  /** SPDX expression. */
  readonly licence: string;
  /** Of what came from the repository, by git or in the package: address, tag and commit. */
  readonly url?: string;
  readonly tag?: string;
  readonly commit?: string;
  /** Of what a distribution's signed index named. */
  readonly suite?: string;
  readonly package?: string;
  readonly packageVersion?: string;
  /** The distribution's patches that were applied, in order. */
  readonly patches?: readonly string[];
  /** What was downloaded, or unpacked from the package. */
  readonly files?: readonly Download[];
  /** What was asked before and did not deliver. */
  readonly tried: readonly Attempt[];
}

export interface Attempt {
  readonly origin: OriginName;
  /** Which of the origin's offers: a suite, a file. Absent if the whole origin was out of question. */
  readonly offer?: string;
  readonly why: string;
}

export interface Download {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

const file = (app: string) => join(app, "vendor", "origins.json");

export async function writeProvenance(app: string, provenance: Provenance): Promise<void> {
  await mkdir(join(app, "vendor"), { recursive: true });
  await writeFile(file(app), `${JSON.stringify(provenance, null, 2)}\n`);
}

/** @returns undefined if the app has none, or none that can be read. */
export async function readProvenance(app: string): Promise<Provenance | undefined> {
  try {
    const value = JSON.parse(await readFile(file(app), "utf8")) as Provenance;
    return typeof value.sources === "object" && value.sources !== null ? value : undefined;
  } catch {
    return undefined;
  }
}
