import { existsSync } from "node:fs";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { Failure } from "../toolchain/src/base/failure.ts";
import { readJson } from "../toolchain/src/base/json.ts";
import { ORIGIN_NAMES } from "./origin-names.ts";

const text = v.string();
const origin = v.picklist(ORIGIN_NAMES);

/** What was downloaded, or unpacked from the package. Sizes are in bytes. */
export const download = v.object({ name: text, size: v.number(), sha256: text });

const attempt = v.object({
  origin,
  /** Which of the origin's offers: a suite, a file. Absent if the whole origin was out of question. */
  offer: v.exactOptional(text),
  why: text,
});

const source = v.object({
  origin,
  /** As upstream counts: `1.7.0`. */
  version: text,
  /** SPDX expression. */
  licence: text,
  /** Of what came from the repository, by git or in the package: address, tag and commit. */
  url: v.exactOptional(text),
  tag: v.exactOptional(text),
  commit: v.exactOptional(text),
  /** Of what a distribution's signed index named. */
  suite: v.exactOptional(text),
  package: v.exactOptional(text),
  packageVersion: v.exactOptional(text),
  /** The distribution's patches that were applied, in order. */
  patches: v.exactOptional(v.array(text)),
  files: v.exactOptional(v.array(download)),
  /** What was asked before and did not deliver. */
  tried: v.array(attempt),
});

const provenance = v.object({ sources: v.record(text, source) });

/**
 * The file vendor/origins.json of an app, which says where its vendored sources came from. It has no date, so that it
 * is reproducible.
 */
export interface Provenance {
  readonly sources: Readonly<Record<string, SourceRecord>>;
}

export type Download = Readonly<v.InferOutput<typeof download>>;
export type Attempt = Readonly<v.InferOutput<typeof attempt>>;
export type SourceRecord = Readonly<
  Omit<v.InferOutput<typeof source>, "patches" | "files" | "tried"> & {
    patches?: readonly string[];
    files?: readonly Download[];
    tried: readonly Attempt[];
  }
>;

const file = (app: string) => join(app, "vendor", "origins.json");

/** Writes vendor/origins.json in the folder `app`. */
export async function writeProvenance(app: string, value: Provenance): Promise<void> {
  await mkdir(join(app, "vendor"), { recursive: true });
  await writeFile(file(app), `${JSON.stringify(value, null, 2)}\n`);
}

/**
 * Reads vendor/origins.json in the folder `app`.
 *
 * @throws Failure not-vendored, provenance-invalid
 */
export async function readProvenance(app: string): Promise<Provenance> {
  const path = file(app);
  if (!existsSync(path)) throw new Failure("vendor", { kind: "not-vendored", path: app });
  return readJson(
    path,
    provenance,
    (problem) => new Failure("vendor", { kind: "provenance-invalid", path, problem }),
  );
}
