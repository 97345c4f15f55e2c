import { existsSync } from "node:fs";
import { basename, dirname, isAbsolute, resolve } from "node:path";
import { attempt } from "../../toolchain/src/base/command.ts";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { defaultCache } from "../../vendor/cache.ts";
import { readPins } from "../../vendor/pins.ts";
import type { Provenance } from "../../vendor/provenance.ts";
import { vendor } from "../../vendor/vendor.ts";
import type { CreateFailure } from "./failures.ts";
import { packageName } from "./name.ts";
import type { Options } from "./options.ts";
import { sorted, toolPackages } from "./packagejson.ts";
import type { Places } from "./places.ts";
import { render } from "./render.ts";
import { report, type Task } from "./report.ts";
import { commitAll, initRepository, wantsRepository } from "./repository.ts";
import { Staging } from "./staging.ts";
import { findTemplate, type Template } from "./template.ts";
import { findCheckout, packedName, packToolchain } from "./toolchain.ts";

/** Makes an app: everything happens in a staging folder, which becomes the target at the very end or is removed. */
export async function scaffold(options: Options, places: Places, signal: AbortSignal): Promise<void> {
  const template = await findTemplate(places.templates, options.template ?? "minimal");
  const pins = await readPins(options.pins ?? places.pins);
  const dir = options.dir ?? "my-bpf-app";
  if (options.dir === undefined && !options.yes) report.note(`No folder was named: taking ${dir}.`);
  if (options.template === undefined && !options.yes)
    report.note(`No template was named: taking ${template.name}.`);

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
    report.done({ target: staging.target, template, installed: options.install, ...work.result() });
  } catch (error) {
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

interface Result {
  readonly provenance: Provenance;
  readonly repository: "none" | "committed" | "staged";
}

async function plan(work: Work): Promise<{ tasks: Task[]; result: () => Result }> {
  const { options, template, signal } = work;
  const app = work.staging.folder;
  const repository = await wantsRepository(options.git, dirname(app), signal);
  const checkout = options.toolchain === undefined ? await findCheckout(work.places.own) : undefined;
  let provenance: Provenance | undefined;
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
    options.install && { title: "Install npm packages", run: () => install(app, signal) },
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
    result: () => ({ provenance: provenance!, repository: commit }),
  };
}

async function writeFiles(
  { options, places, template, staging }: Work,
  checkout: string | undefined,
): Promise<void> {
  const toolchain =
    toolchainSpec(options.toolchain) ?? (checkout ? `file:${await packedName(checkout)}` : places.version);
  const devDependencies = sorted({ ...toolPackages(toolchain), ...template.devDependencies });
  const taken = [...Object.keys(template.dependencies), ...Object.keys(devDependencies)];
  await render(places.templates, staging.folder, {
    name: packageName(basename(staging.target), taken),
    template,
    dependencies: list(sorted(template.dependencies)),
    devDependencies: list(devDependencies),
  });
}

function list(versions: Readonly<Record<string, string>>): { name: string; version: string }[] {
  return Object.entries(versions).map(([name, version]) => ({ name, version }));
}

/** What npm is to install: a path is made absolute, as npm would take it relative to the app. */
function toolchainSpec(asked: string | undefined): string | undefined {
  if (asked === undefined) return undefined;
  const path = asked.replace(/^file:/, "");
  return path !== asked || isAbsolute(path) || /^\.{1,2}\//.test(path) || existsSync(path)
    ? `file:${resolve(path)}`
    : asked;
}

async function install(app: string, signal: AbortSignal): Promise<void> {
  const args = ["install", "--no-audit", "--no-fund", "--loglevel=error"];
  const outcome = await attempt("npm", args, { cwd: app, signal });
  if (!outcome.ok)
    throw new Failure<CreateFailure>({
      kind: "install-failed",
      command: `npm ${args[0]}`,
      output: outcome.output.trim(),
    });
}
