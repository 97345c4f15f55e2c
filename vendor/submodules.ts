import { mkdir, realpath, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { attempt, run } from "../toolchain/src/base/command.ts";
import { Failure } from "../toolchain/src/base/failure.ts";
import { Mirrors } from "./archive/mirrors.ts";
import { Cache } from "./cache.ts";
import { OriginFault } from "./failures.ts";
import type { Delivery } from "./origin.ts";
import { GitOrigin } from "./origins/git.ts";
import type { Pin, Pins } from "./pins.ts";
import { type Provenance, readProvenance, type SourceRecord, writeProvenance } from "./provenance.ts";

/** Whose sources are turned into submodules. */
export interface SubmodulesRequest {
  readonly pins: Pins;
  /** The app's folder, absolute. */
  readonly app: string;
  /** The folder of the user's cache. */
  readonly cache: string;
  readonly signal: AbortSignal;
}

/**
 * Turns vendored files into submodules at the pinned commits, in the index and the work tree of the app's repository.
 * It leaves the commit to the user. Everything is fetched before the first file is touched, and files that differ from
 * the last commit are never replaced.
 *
 * @returns the names of the sources that became submodules
 * @throws Failure not-vendored, provenance-invalid, no-repository, source-changed, submodule-unavailable
 */
export async function toSubmodules(request: SubmodulesRequest): Promise<string[]> {
  const { pins, app, cache, signal } = request;
  const provenance = await readProvenance(app);
  await requireRepository(app, signal);
  const plain: Pin[] = [];
  for (const pin of pins.sources) if (!(await isSubmodule(app, pin, signal))) plain.push(pin);
  await refuseChanged(app, plain, signal);
  const scratch = join(app, "vendor", `.submodules-${process.pid}`);
  await mkdir(scratch);
  try {
    const common = {
      pins,
      app,
      cache: new Cache(cache),
      mirrors: new Mirrors([], ""),
      bundle: undefined,
      signal,
    };
    const trial = new GitOrigin({ ...common, submodules: false });
    for (const pin of plain) await take(trial, pin, join(scratch, "trial", pin.name));
    const origin = new GitOrigin({ ...common, submodules: true });
    const sources: Record<string, SourceRecord> = { ...provenance.sources };
    for (const pin of plain) sources[pin.name] = await exchange(pin, origin, { app, scratch, signal });
    await record(app, { sources }, signal);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  return plain.map(({ name }) => name);
}

async function requireRepository(app: string, signal: AbortSignal): Promise<void> {
  const top = await attempt("git", ["rev-parse", "--show-toplevel"], { cwd: app, signal });
  if (!top.ok || top.stdout.trim() !== (await realpath(app)))
    throw new Failure("vendor", { kind: "no-repository", path: app });
}

/** In the index a submodule is an entry of mode 160000 (a gitlink). */
async function isSubmodule(app: string, { name }: Pin, signal: AbortSignal): Promise<boolean> {
  const entries = await run("git", ["ls-files", "--stage", "--", `vendor/${name}`], { cwd: app, signal });
  return entries.startsWith("160000 ");
}

async function refuseChanged(app: string, pins: readonly Pin[], signal: AbortSignal): Promise<void> {
  const paths: string[] = [];
  for (const { name } of pins) {
    const args = ["status", "--porcelain", "--ignored", "--", `vendor/${name}`];
    if ((await run("git", args, { cwd: app, signal })).trim() !== "") paths.push(`vendor/${name}`);
  }
  if (paths.length > 0) throw new Failure("vendor", { kind: "source-changed", paths });
}

/** Replaces the files by the submodule. If that fails, the files are put back. */
async function exchange(
  pin: Pin,
  origin: GitOrigin,
  { app, scratch, signal }: { readonly app: string; readonly scratch: string; readonly signal: AbortSignal },
): Promise<SourceRecord> {
  const folder = join(app, "vendor", pin.name);
  const aside = join(scratch, pin.name);
  const git = (...args: string[]) => run("git", args, { cwd: app, signal });
  await rename(folder, aside);
  try {
    await git("rm", "-r", "--quiet", "--cached", "--", `vendor/${pin.name}`);
    const { version, record } = await take(origin, pin, folder);
    return { origin: "git", version, licence: pin.licence, ...record, tried: [] };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    await rename(aside, folder);
    await git("reset", "--quiet", "--", `vendor/${pin.name}`);
    throw error;
  }
}

async function record(app: string, provenance: Provenance, signal: AbortSignal): Promise<void> {
  await writeProvenance(app, provenance);
  await run("git", ["add", "vendor/origins.json"], { cwd: app, signal });
}

/** Fetches a source at its pinned commit. No version is refused, because the pinned commits fit each other. */
async function take(origin: GitOrigin, pin: Pin, folder: string): Promise<Delivery> {
  try {
    return await origin.fetch(pin, origin.offer(pin), { folder, refuse: () => undefined });
  } catch (error) {
    if (!(error instanceof OriginFault)) throw error;
    const { name } = pin;
    throw new Failure("vendor", { kind: "submodule-unavailable", name, fault: error.fault });
  }
}
