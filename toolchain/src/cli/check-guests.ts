import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Kernel } from "../guest/kernels.ts";
import { ownLibraries } from "../guest/libraries.ts";
import { type GuestCell, runGuest } from "../guest/run-guest.ts";
import { built, embeddedNode, output } from "../plan/inputs.ts";
import type { SkeletonJob } from "../verdict/protocol.ts";
import { type Found, readAnswers, runnerFile } from "./check-runner.ts";
import type { Prepared } from "./prepare.ts";

/** The app's folder in a guest. */
const APP = "/app";

/** How long a guest may take, in seconds: emulated processors are slow, and a program may take a million instructions. */
const LEAST_SECONDS = 120;
const SECONDS_EACH = 30;

/**
 * Loads the programs into other kernels, in guests: the app's Node and addons with the libraries of this machine.
 * @param atOnce how many guests run at a time
 * @returns what was found, in the order of the kernels
 * @throws Failure guest-died, library-missing, program-missing, check-not-run; once `signal` has fired, its reason
 */
export async function checkInGuests(
  prepared: Prepared,
  skeletons: readonly SkeletonJob[],
  kernels: readonly Kernel[],
  { atOnce, signal }: { readonly atOnce: number; readonly signal: AbortSignal },
): Promise<Found[]> {
  const scratch = mkdtempSync(join(tmpdir(), "bpf-app-check-"));
  try {
    const job = join(scratch, "job.json");
    writeFileSync(job, JSON.stringify({ root: APP, skeletons }));
    const files = { ...filesOf(prepared, skeletons), "job.json": job };
    const found: Found[] = [];
    const queue = [...kernels.entries()];
    const worker = async () => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        found[next[0]] = await checkInGuest(next[1], files, cellFor(skeletons), signal);
    };
    await Promise.all(Array.from({ length: Math.min(atOnce, kernels.length) }, worker));
    return found;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** The files of the guest below its folder for the app. */
function filesOf({ config, host }: Prepared, skeletons: readonly SkeletonJob[]): Record<string, string> {
  const { root } = config;
  const addons = skeletons.map(({ name }) => [output(`${name}.node`), built({ host }, `${name}.node`)]);
  return {
    node: resolve(root, embeddedNode({ config, host })),
    "check-runner.cjs": runnerFile(),
    ...Object.fromEntries(addons.map(([path = "", file = ""]) => [path, join(root, file)])),
    ...Object.fromEntries(sources(root).map((path) => [path, join(root, path)])),
  };
}

/** The app's C, of which errors show lines. */
function sources(root: string): string[] {
  return readdirSync(join(root, "src"), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.[ch]$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1));
}

function cellFor(skeletons: readonly SkeletonJob[]): GuestCell {
  const programs = skeletons.reduce((sum, { programs }) => sum + programs.length, 0);
  return {
    name: "check",
    argv: [`${APP}/node`, `${APP}/check-runner.cjs`, `${APP}/job.json`],
    stop: "none",
    timeoutSeconds: LEAST_SECONDS + SECONDS_EACH * programs,
  };
}

async function checkInGuest(
  kernel: Kernel,
  files: Readonly<Record<string, string>>,
  cell: GuestCell,
  signal: AbortSignal,
): Promise<Found> {
  // Those of Debian are there where this machine's own are made for another architecture.
  const libraries = kernel.libraries === undefined ? { libraries: ownLibraries() } : {};
  const guest = await runGuest({ kernel, files, cells: [cell], ...libraries, signal });
  const [run] = guest.cells;
  if (run === undefined || run.outcome === "guest-lost")
    throw new Failure("guest", {
      kind: "guest-died",
      kernel: kernel.abi,
      console: guest.console.slice(-2000),
    });
  const { stdout, stderr, signal: killed, exit, outcome } = run;
  return readAnswers({
    stdout,
    stderr: outcome === "ok" ? stderr : `${stderr}\n${outcome}`,
    ended: killed === undefined ? exit : `signal ${killed}`,
  });
}
