import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Mirrors } from "./archive/mirrors.ts";
import { findMirrors } from "./archive/sources-list.ts";
import { Cache } from "./cache.ts";
import type { Context, Submodules } from "./origin.ts";
import type { OriginName } from "./origin-names.ts";
import type { Pins } from "./pins.ts";
import { type Provenance, writeProvenance } from "./provenance.ts";
import { Search } from "./search.ts";

/** What is vendored, where to, and from where. */
export interface VendorRequest {
  readonly pins: Pins;
  /** The app's folder, absolute. */
  readonly app: string;
  /** The origins that may be asked. Each source is taken from the first one that delivers it. */
  readonly origins: readonly OriginName[];
  /** Whether sources from git become submodules of the app's repository. */
  readonly submodules: Submodules;
  /** The mirrors of the distribution. Without them, those of the machine's own apt are used. */
  readonly mirrors?: readonly string[];
  /** The folder with the sources that the published package carries. */
  readonly bundle?: string | undefined;
  /** The folder of the user's cache. */
  readonly cache: string;
  readonly signal: AbortSignal;
  /** Receives one line for a person whenever the search has to try something else. */
  readonly say: (line: string) => void;
}

/**
 * Fills the folder vendor/ of an app. Each source is taken from the first origin that delivers it, and
 * vendor/origins.json records where it came from. A fault of one origin does not end the search.
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
