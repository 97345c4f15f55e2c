import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { attempt, bytesRead, type Pace } from "../../toolchain/src/base/command.ts";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { sortedVersions } from "../../toolchain/src/base/package-json.ts";
import { findTemplate, type Template } from "../../toolchain/src/base/template.ts";
import { defaultCache } from "../../vendor/cache.ts";
import { readPins } from "../../vendor/pins.ts";
import type { Provenance } from "../../vendor/provenance.ts";
import { vendor } from "../../vendor/vendor.ts";
import { packageName } from "./name.ts";
import type { Options } from "./options.ts";
import type { Places } from "./places.ts";
import { render } from "./render.ts";
import { report, type Task } from "./report.ts";
import { commitAll, initRepository, wantsRepository } from "./repository.ts";
import { Staging } from "./staging.ts";
import { findCheckout, packedName, packToolchain, toolPackages } from "./toolchain.ts";

/**
 * Makes an app. Everything happens in a staging folder, which becomes the target at the very end, or is removed.
 * @throws Failure of any layer
 */
export async function scaffold(options: Options, places: Places, signal: AbortSignal): Promise<void> {
  const template = await findTemplate(places.templates, options.template ?? "minimal");
  const pins = await readPins(options.pins ?? places.pins);
  const dir = options.dir ?? "my-bpf-app";
  if (options.dir === undefined && !options.yes) report.note(`No folder was named, so it is ${dir}.`);
  if (options.template === undefined && !options.yes)
    report.note(`No template was named, so it is ${template.name}.`);

  const staging = await Staging.open(dir);
  try {
    const work = await plan({ options, places, template, pins, staging, signal });
    await report.tasks(
      work.tasks.map((task) => ({
        ...task,
        run: async (say) => {
          signal.throwIfAborted();
          await task.run(say);
        },
      })),
    );
    signal.throwIfAborted();
    await staging.commit();
    const { refused, ...result } = work.result();
    report.done({ target: staging.target, template, installed: options.install && !refused, ...result });
    // The app is complete except for its packages, so it stays, and the failure is thrown only now.
    if (refused) throw new Failure("create", { ...refused, target: staging.target });
  } catch (error) {
    // If the app is at its place already, there is nothing to remove.
    await staging.discard();
    throw signal.aborted ? signal.reason : error;
  }
}

interface Work {
  readonly options: Options;
  readonly places: Places;
  readonly template: Template;
  readonly pins: Awaited<ReturnType<typeof readPins>>;
  readonly staging: Staging;
  readonly signal: AbortSignal;
}

/** Why npm could not install the packages. */
interface Refused {
  readonly kind: "install-failed";
  readonly command: string;
  readonly output: string;
}

interface Result {
  readonly refused: Refused | undefined;
  readonly provenance: Provenance;
  readonly repository: "none" | "committed" | "staged";
}

async function plan(work: Work): Promise<{ tasks: Task[]; result: () => Result }> {
  const { options, template, signal } = work;
  const app = work.staging.folder;
  const repository = await wantsRepository(options.git, dirname(app), signal);
  const checkout = options.toolchain === undefined ? await findCheckout(work.places.own) : undefined;
  let provenance: Provenance | undefined;
  let refused: Refused | undefined;
  let commit: Result["repository"] = "none";

  const tasks: (Task | false)[] = [
    { title: `Write the ${template.name} template`, run: () => writeFiles(work, checkout) },
    repository && { title: "Make a git repository", run: () => initRepository(app, signal) },
    {
      title: `Vendor ${work.pins.sources.map((pin) => pin.name).join(", ")}`,
      run: async (say) => {
        provenance = await vendor({
          pins: work.pins,
          app,
          origins: options.vendor,
          submodules: repository,
          bundle: work.places.bundle,
          cache: defaultCache(),
          signal,
          say,
        });
      },
    },
    checkout !== undefined && {
      title: "Pack this checkout's toolchain",
      run: () => packToolchain(checkout, app, signal),
    },
    options.install && {
      title: "Install npm packages",
      run: async (say) => {
        refused = await install(app, signal);
        if (refused) say("npm could not install them");
      },
    },
    repository && {
      title: "Record it all in git",
      run: async () => {
        const message = `Start from create-bpf-app's ${template.name} template`;
        commit = (await commitAll(app, message, signal)) ? "committed" : "staged";
      },
    },
  ];
  return {
    tasks: tasks.filter((task) => task !== false),
    // biome-ignore lint/style/noNonNullAssertion: one of the tasks, which have all run by now, has set it.
    result: () => ({ provenance: provenance!, repository: commit, refused }),
  };
}

async function writeFiles(
  { options, places, template, staging }: Work,
  checkout: string | undefined,
): Promise<void> {
  const toolchain =
    toolchainSpec(options.toolchain) ?? (checkout ? `file:${await packedName(checkout)}` : places.version);
  const devDependencies = sortedVersions({ ...toolPackages(toolchain), ...template.devDependencies });
  const taken = [...Object.keys(template.dependencies), ...Object.keys(devDependencies)];
  await render(places.templates, staging.folder, {
    name: packageName(basename(staging.target), taken),
    template,
    dependencies: list(sortedVersions(template.dependencies)),
    devDependencies: list(devDependencies),
  });
}

function list(versions: Readonly<Record<string, string>>): { name: string; version: string }[] {
  return Object.entries(versions).map(([name, version]) => ({ name, version }));
}

/** What npm has to install for bpf-app. A path is made absolute, because npm would take it as relative to the app. */
function toolchainSpec(asked: string | undefined): string | undefined {
  if (asked === undefined) return undefined;
  const path = asked.replace(/^file:/, "");
  return path !== asked || isAbsolute(path) || /^\.{1,2}\//.test(path) || existsSync(path)
    ? `file:${resolve(path)}`
    : asked;
}

/** The slowest pace of npm. Its own limit, for a request that has come to a standstill, is five minutes. */
const PACE: Pace = { arrived: bytesRead, bytes: 32 * 1024, within: 15_000 };

/** Runs npm install. @returns why it failed, or undefined if it did not */
async function install(app: string, signal: AbortSignal): Promise<Refused | undefined> {
  const quiet = ["--no-audit", "--no-fund", "--loglevel=error"];
  // Versions are exact, so the packages in npm's cache are the same as the registry's.
  const patience = [
    "--prefer-offline",
    "--fetch-retries=2",
    "--fetch-retry-mintimeout=1000",
    "--fetch-retry-maxtimeout=5000",
  ];
  const outcome = await attempt("npm", ["install", ...quiet, ...patience], { cwd: app, signal, pace: PACE });
  if (outcome.ok) return undefined;
  const output = outcome.ended ? "The registry sends almost no data." : outcome.output.trim();
  return { kind: "install-failed", command: "npm install", output };
}
