import { type Arch, ownArch } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import { osRelease } from "../base/packages.ts";
import { loadConfig } from "../config/load.ts";
import { knownVersions } from "../guest/choose.ts";
import { type Kernel, kernelsAreThere, prepareKernels } from "../guest/kernels.ts";
import { requireGuestNeeds } from "../guest/needs.ts";
import { targetArch } from "../host/probe.ts";
import { type CheckReport, sayChecking } from "../report/check.ts";
import { build } from "./build.ts";
import { checkInGuests } from "./check-guests.ts";
import { checkHere } from "./check-here.ts";
import { compare, readHistory, recorded, writeHistory } from "./check-history.ts";
import { skeletonJob, skeletonsOf } from "./check-job.ts";
import type { Found } from "./check-runner.ts";
import { type Prepared, prepare, requireOwnMachine } from "./prepare.ts";
import type { Call } from "./verb.ts";

interface Options {
  readonly targets: readonly string[];
  /** Versions, separated by commas. */
  readonly kernels: string | readonly string[] | undefined;
  readonly json: boolean;
  readonly jobs: number | undefined;
}

/** How many guests run at a time, unless the command line says. */
const GUESTS = 2;

/**
 * `bpf-app check`: types, C, and what the verifier says of every program, on this kernel or on others.
 * @throws Failure usage; and of any other layer
 */
export async function check({ root, assignments, options }: Call<Options>): Promise<CheckReport> {
  const { targets, json, jobs } = options;
  if (jobs !== undefined && !(Number.isInteger(jobs) && jobs > 0))
    throw usage("-j takes the number of commands that run at once, which is at least 1.");
  const versions = versionsOf(options.kernels);
  if (versions) await requireGuests(targetArch(await loadConfig(root, assignments, process.env)), versions);
  const prepared = await prepare(root, assignments);
  if (!versions) requireOwnMachine(prepared, "check");
  const names = skeletonsOf(prepared.config, targets);
  await build(prepared, { targets, upTo: "addon", also: [TYPES, "fetch-node"], jobs, toError: json });
  const skeletons = names.map((name) => skeletonJob(prepared, name));
  const { found, notes } = versions
    ? await inGuests(prepared, skeletons, versions, jobs ?? GUESTS)
    : { found: [await checkHere(prepared, skeletons)], notes: [] };
  const before = readHistory(root);
  const kernels = found.map((one) => compare(one, before));
  writeHistory(root, found.reduce(recorded, before));
  const refused = kernels.some(({ programs }) =>
    programs.some(({ verdict }) => verdict === "rejected" || verdict === "failed"),
  );
  return { kernels, notes: [...typesNote(prepared), ...notes], refused, json };
}

/**
 * Sees to it that guests can run, before anything is built for them.
 * @throws Failure needs-missing, other-architecture
 */
async function requireGuests(arch: Arch, versions: readonly string[]): Promise<void> {
  const there = await kernelsAreThere(versions, { arch, libraries: arch !== ownArch() });
  requireGuestNeeds(!there, process.env.PATH, osRelease(), arch);
}

/** The id of the step that checks types; the plan of an app without TypeScript has none. */
const TYPES = "types";

/** An app whose types could not be checked is told so. */
function typesNote({ config, steps }: Prepared): string[] {
  if (config.targets.length === 0 || steps.some(({ id }) => id === TYPES)) return [];
  return ["Types were not checked: the app has no tsconfig.json, or not the package typescript."];
}

async function inGuests(
  prepared: Prepared,
  skeletons: Parameters<typeof checkInGuests>[1],
  versions: readonly string[],
  atOnce: number,
): Promise<{ found: Found[]; notes: readonly string[] }> {
  const stop = new AbortController();
  const onSignal = () => stop.abort(new Failure("run", { kind: "interrupted" }));
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    const { kernels, notes } = await prepareKernels(versions, {
      arch: prepared.host.arch,
      // An app for another architecture does not run with this machine's own.
      libraries: prepared.host.cross !== undefined,
      signal: stop.signal,
      fetching: (some) => sayChecking({ fetching: some }),
    });
    sayChecking({ booting: kernels.map(({ abi }: Kernel) => abi) });
    const found = await checkInGuests(prepared, skeletons, kernels, { atOnce, signal: stop.signal });
    return { found, notes };
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

/**
 * The versions that are asked for; undefined for this machine's own kernel.
 * @throws Failure usage, unknown-kernel
 */
function versionsOf(option: Options["kernels"]): string[] | undefined {
  if (option === undefined) return undefined;
  const asked = [option].flat().flatMap((text) => text.split(/[\s,]+/).filter(Boolean));
  if (asked.length === 0) throw usage("--kernels takes versions, such as 5.10,6.12, or all.");
  return knownVersions(asked);
}

function usage(message: string): Failure<"cli"> {
  return new Failure("cli", { kind: "usage", message, verb: "check" });
}
