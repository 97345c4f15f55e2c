import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Mirrors } from "./archive/mirrors.ts";
import { findMirrors } from "./archive/sources-list.ts";
import { Cache } from "./cache.ts";
import type { Context } from "./origin.ts";
import type { OriginName } from "./origin-names.ts";
import type { Pins } from "./pins.ts";
import { type Provenance, writeProvenance } from "./provenance.ts";
import { Search } from "./search.ts";

export interface VendorRequest {
  readonly pins: Pins;
  /** The app's folder, absolute. */
  readonly app: string;
  /** Who may be asked; each source is taken from the first that delivers it. */
  readonly origins: readonly OriginName[];
  /** Record git sources as submodules of the app's repository. */
  readonly submodules: boolean;
  /** Mirrors of the distribution; those of the machine's own apt if absent. */
  readonly mirrors?: readonly string[];
  /** Folder with the sources that the published package carries. */
  readonly bundle?: string | undefined;
  /** Folder of the per-user cache. */
  readonly cache: string;
  readonly signal: AbortSignal;
  /** Receives one line for a person at every turn that was not asked for. */
  readonly say: (line: string) => void;
}

/**
 * Fills the app's vendor/, each source from the first origin that delivers it, and records in vendor/origins.json where
 * it came from. No fault of one origin is the end.
 *
 * @throws Failure sources-unavailable, no-room
 */
export async function vendor(request: VendorRequest): Promise<Provenance> {
  const { pins, app, submodules, bundle, signal } = request;
  const context: Context = {
    pins,
    app,
    submodules,
    cache: new Cache(request.cache),
    mirrors: new Mirrors(request.mirrors ?? (await findMirrors()), pins.distro.name),
    bundle,
    signal,
  };
  const spare = join(app, "vendor", ".cache");
  try {
    const sources = await new Search(context, request, spare).all();
    const provenance = { sources };
    await writeProvenance(app, provenance);
    return provenance;
  } finally {
    await rm(spare, { recursive: true, force: true });
  }
}
