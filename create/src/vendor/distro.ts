import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../toolchain/src/failure.ts";
import type { VendorFailure } from "../failures.ts";
import { fetchPackages, type Package, type PackageSource } from "./apt.ts";
import type { DistroPin, Pin, Pins } from "./pins.ts";
import type { DistroProvenance } from "./provenance.ts";
import { type Cache, hashText } from "./trees.ts";
import { unpack } from "./unpack.ts";

/** Bumped when the way from a package to a tree changes. */
const recipe = 1;

/** A package as it came, with what was made of it. */
interface Entry {
  readonly package: Package;
  readonly tree: string;
  readonly patches: readonly string[];
}

/**
 * Fills vendor/NAME for every pin from the distribution's packages, by way of the per-user cache: what is there is
 * verified and copied, only what is missing is fetched.
 * @throws Failure archive-unknown if something is missing and there is no archive to ask
 */
export async function fetchDistro(
  pins: Pins,
  archives: readonly string[],
  app: string,
  cache: Cache,
  signal: AbortSignal,
): Promise<Record<string, DistroProvenance>> {
  const entries = new Map<string, Entry>();
  const place = async (pin: Pin) => {
    const entry = await cache.readPackage<Entry>(requestKey(pin, pins.distro));
    const copied = entry && (await cache.copyTree(entry.tree, join(app, "vendor", pin.name)));
    if (copied) entries.set(pin.name, entry);
    return Boolean(copied);
  };
  await mkdir(join(app, "vendor"), { recursive: true });
  const absent: Pin[] = [];
  for (const pin of pins.sources) if (!(await place(pin))) absent.push(pin);
  if (absent.length > 0) {
    if (archives.length === 0)
      throw new Failure<VendorFailure>({ kind: "archive-unknown", distro: pins.distro.name });
    await fillCache(absent, { distro: pins.distro, archives }, cache, signal);
    for (const pin of absent) if (!(await place(pin))) throw new Error(`the cache lost ${pin.name}`);
  }
  return Object.fromEntries(
    pins.sources.map((pin) => [pin.name, describe(pin, pins.distro, entries.get(pin.name)!)]),
  );
}

async function fillCache(
  pins: readonly Pin[],
  source: PackageSource,
  cache: Cache,
  signal: AbortSignal,
): Promise<void> {
  const { distro } = source;
  const packages = new Map<Pin, Package>();
  for (const pin of pins) {
    const known = await cache.readPackage<Entry>(requestKey(pin, distro));
    if (known && (await isDownloaded(known.package, cache))) packages.set(pin, known.package);
  }
  const absent = pins.filter((pin) => !packages.has(pin));
  if (absent.length > 0) {
    const fetched = await fetchPackages(
      absent.map((pin) => pin.distro),
      source,
      cache,
      signal,
    );
    for (const [index, pin] of absent.entries()) packages.set(pin, fetched[index]!);
  }
  for (const [pin, pack] of packages) await makeTree(pin, pack, distro, cache, signal);
}

async function makeTree(
  pin: Pin,
  pack: Package,
  distro: DistroPin,
  cache: Cache,
  signal: AbortSignal,
): Promise<void> {
  const scratch = await cache.scratch();
  try {
    const folder = join(scratch, "tree");
    const patches = await unpack(pin.distro, pack, folder, cache, signal);
    const tree = hashText(JSON.stringify([recipe, pin.distro, pack.files]));
    await cache.addTree(tree, folder);
    await cache.writePackage(requestKey(pin, distro), { package: pack, tree, patches } satisfies Entry);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

async function isDownloaded(pack: Package, cache: Cache): Promise<boolean> {
  for (const file of pack.files) if (!(await cache.findFile(file))) return false;
  return true;
}

function requestKey(pin: Pin, distro: DistroPin): string {
  return hashText(JSON.stringify([recipe, distro.suite, pin.distro]));
}

function describe(pin: Pin, distro: DistroPin, entry: Entry): DistroProvenance {
  return {
    distro: distro.name,
    suite: distro.suite,
    package: entry.package.name,
    version: entry.package.version,
    licence: pin.licence,
    files: entry.package.files,
    patches: entry.patches,
  };
}
