import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../toolchain/src/failure.ts";
import { findArchives } from "./archives.ts";
import { fetchDistro } from "./distro.ts";
import { fetchPin, probeForge } from "./git.ts";
import type { Pins } from "./pins.ts";
import { type Provenance, writeProvenance } from "./provenance.ts";
import { Cache } from "./trees.ts";

export type Origin = "git" | "distro" | "auto";

export interface VendorRequest {
  readonly pins: Pins;
  /** The app's folder, absolute. */
  readonly app: string;
  readonly origin: Origin;
  /** Record git sources as submodules of the app's repository. */
  readonly submodules: boolean;
  /** Package archives to try; the machine's own if absent. */
  readonly archives?: readonly string[];
  /** Folder of the per-user cache. */
  readonly cache: string;
  readonly signal: AbortSignal;
  /** Receives one line for a person at every turn that was not asked for. */
  readonly say: (line: string) => void;
}

/** Fills the app's vendor/ and records in vendor/origins.json where it came from. */
export async function vendor(request: VendorRequest): Promise<Provenance> {
  const origin = request.origin === "auto" ? await chooseOrigin(request) : request.origin;
  const provenance = origin === "git" ? await fromGit(request) : await fromDistro(request);
  await writeProvenance(request.app, provenance);
  return provenance;
}

/** git, unless the forge cannot be reached or git is not there. What a reached forge answers changes nothing here. */
async function chooseOrigin(request: VendorRequest): Promise<"git" | "distro"> {
  const { pins, app, signal, say } = request;
  const first = pins.sources[0];
  if (!first) return "git";
  try {
    const trouble = await probeForge(first, app, signal);
    if (trouble === undefined) return "git";
    say(
      `${new URL(first.url).host} cannot be reached (${trouble}); taking ${pins.distro.name}'s signed sources instead`,
    );
  } catch (error) {
    if (!(error instanceof Failure) || error.failure.kind !== "tool-missing") throw error;
    say(`git was not found; taking ${pins.distro.name}'s signed sources instead`);
  }
  return "distro";
}

async function fromGit(request: VendorRequest): Promise<Provenance> {
  const sources: Record<string, Provenance["sources"][string]> = {};
  for (const pin of request.pins.sources) sources[pin.name] = await fetchPin(pin, request);
  return { origin: "git", sources };
}

async function fromDistro(request: VendorRequest): Promise<Provenance> {
  const { pins, app, cache, signal } = request;
  for (const pin of pins.sources) await rm(join(app, "vendor", pin.name), { recursive: true, force: true });
  const archives = request.archives ?? (await findArchives());
  return { origin: "distro", sources: await fetchDistro(pins, archives, app, new Cache(cache), signal) };
}
