import { lstatSync, type Stats } from "node:fs";
import { basename, dirname, join } from "node:path";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { sortedVersions } from "../../toolchain/src/base/package-json.ts";
import { which } from "../../toolchain/src/base/which.ts";
import { type Pin, type Pins, readPins } from "../../vendor/pins.ts";
import type { Answers } from "./answers.ts";
import { appPath } from "./app-path.ts";
import { packageName } from "./name.ts";
import type { Options } from "./options.ts";
import type { Places } from "./places.ts";
import { type AppFile, render } from "./render.ts";
import { findRepository, type Repository } from "./repository.ts";
import { inspectTarget, type Target } from "./target.ts";
import { findCheckout, packedName, toolchainSpec, toolPackages } from "./toolchain.ts";

/** All that will be done, as data. Nothing is written before it is settled. */
export interface Plan {
  readonly answers: Answers;
  readonly options: Options;
  readonly places: Places;
  readonly target: Target;
  /** The files that are written. */
  readonly files: readonly AppFile[];
  /** Those that are not, with the file that is there in their place. */
  readonly kept: readonly { readonly path: string; readonly there: string }[];
  /** The sources that are vendored; the others are there already. */
  readonly pins: Pins;
  readonly repository: Repository;
  /** Whether sources from git become submodules. */
  readonly submodules: boolean;
  /** Whether the packages are installed, and if not, why. */
  readonly install: "yes" | "no" | "own-package-json";
  /** The folder of the toolchain that is packed into the app. */
  readonly checkout: string | undefined;
  /** The packages that the app needs for development, for a package.json that is not ours. */
  readonly devDependencies: Readonly<Record<string, string>>;
}

/**
 * Settles what will be done. It reads, and writes nothing.
 *
 * @throws Failure name-unusable, target-not-empty, target-not-a-folder, target-unwritable, target-in-the-way,
 * manager-missing, repository-unreadable, template-invalid, pins-invalid, program-missing
 */
export async function makePlan(
  answers: Answers,
  options: Options,
  places: Places,
  signal: AbortSignal,
): Promise<Plan> {
  const { template, manager } = answers;
  const target = inspectTarget(appPath(answers.dir), options.force);
  const repository = await findRepository(answers.git, target, signal);
  const pins = await readPins(options.pins ?? places.pins);
  const checkout = options.toolchain === undefined ? await findCheckout(places.own) : undefined;
  const toolchain =
    toolchainSpec(options.toolchain) ?? (checkout ? `file:${await packedName(checkout)}` : places.version);
  const devDependencies = sortedVersions({ ...toolPackages(toolchain), ...template.devDependencies });
  const taken = [...Object.keys(template.dependencies), ...Object.keys(devDependencies)];
  const submodules = repositoryTakesSubmodules(repository, target) && answers.vendor.includes("git");
  const all = await render(places.templates, {
    name: packageName(basename(target.path), taken),
    template,
    manager,
    submodules,
    dependencies: list(sortedVersions(template.dependencies)),
    devDependencies: list(devDependencies),
  });
  const kept = all.flatMap(({ path }) => {
    const there = standIn(target, path);
    return there === undefined ? [] : [{ path, there }];
  });
  const own = target.names.some((name) => name === "package.json" || name === "node_modules");
  const install = !answers.install ? "no" : own ? "own-package-json" : "yes";
  if (install === "yes" && !which(manager.name, process.env.PATH ?? ""))
    throw new Failure("create", { kind: "manager-missing", manager: manager.name, get: manager.get });
  return {
    answers,
    options,
    places,
    target,
    files: all.filter(({ path }) => !kept.some((one) => one.path === path)),
    kept,
    pins: { ...pins, sources: pins.sources.filter((pin) => !isThere(target, pin)) },
    repository,
    submodules,
    install,
    checkout,
    devDependencies,
  };
}

/** A repository that has submodules already has a .gitmodules, which would not stay as it is. */
function repositoryTakesSubmodules(repository: Repository, target: Target): boolean {
  return (repository === "new" || repository === "existing") && !target.names.includes(".gitmodules");
}

/**
 * The file that is there in the place of one of ours: itself, or a readme of another spelling.
 * @throws Failure target-in-the-way
 */
function standIn(target: Target, path: string): string | undefined {
  if (path === "README.md") {
    const readme = target.names.find((name) => /^readme(?:\..*)?$/i.test(name));
    if (readme !== undefined) return readme;
  }
  for (let folder = dirname(path); folder !== "."; folder = dirname(folder)) {
    const found = look(join(target.path, folder));
    if (found && !found.isDirectory()) throw inTheWay(join(target.path, folder), "folder");
  }
  const found = look(join(target.path, path));
  if (found?.isDirectory()) throw inTheWay(join(target.path, path), "file");
  return found && path;
}

function isThere(target: Target, { name }: Pin): boolean {
  const vendor = look(join(target.path, "vendor"));
  if (vendor && !vendor.isDirectory()) throw inTheWay(join(target.path, "vendor"), "folder");
  const found = look(join(target.path, "vendor", name));
  if (found && !found.isDirectory()) throw inTheWay(join(target.path, "vendor", name), "folder");
  return found !== undefined;
}

function look(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false });
}

function inTheWay(path: string, wanted: "file" | "folder"): Failure<"create"> {
  return new Failure("create", { kind: "target-in-the-way", path, wanted });
}

function list(versions: Readonly<Record<string, string>>): { name: string; version: string }[] {
  return Object.entries(versions).map(([name, version]) => ({ name, version }));
}
