import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** vendor/origins.json of an app: where its vendored sources came from. Holds no date, so that it is reproducible. */
export interface Provenance {
  readonly origin: "git" | "distro";
  readonly sources: Readonly<Record<string, GitProvenance | DistroProvenance>>;
}

export interface GitProvenance {
  readonly url: string;
  readonly tag: string;
  readonly commit: string;
  readonly licence: string;
}

export interface DistroProvenance {
  readonly distro: string;
  readonly suite: string;
  readonly package: string;
  readonly version: string;
  readonly licence: string;
  /** What was downloaded. */
  readonly files: readonly Download[];
  /** The distribution's patches that were applied, in order. */
  readonly patches: readonly string[];
}

export interface Download {
  readonly name: string;
  readonly size: number;
  readonly sha256: string;
}

export async function writeProvenance(app: string, provenance: Provenance): Promise<void> {
  await mkdir(join(app, "vendor"), { recursive: true });
  await writeFile(join(app, "vendor", "origins.json"), `${JSON.stringify(provenance, null, 2)}\n`);
}
