import { readFile } from "node:fs/promises";
import { Failure } from "../../../toolchain/src/failure.ts";
import type { VendorFailure } from "../failures.ts";

/** vendor/pins.json: what is vendored, from where, at which commit, under which licence. */
export interface Pins {
  readonly sources: readonly Pin[];
  readonly distro: DistroPin;
}

export interface Pin {
  /** Folder below vendor/. */
  readonly name: string;
  readonly url: string;
  readonly tag: string;
  /** Full SHA-1 of the commit the tag must name. */
  readonly commit: string;
  /** SPDX expression. */
  readonly licence: string;
  readonly distro: PackagePin;
}

/** Where a distribution keeps the same sources, and which of the files are needed. */
export interface PackagePin {
  /** A source package … */
  readonly source?: string;
  /** … or a binary package that holds a source archive at `inner`. */
  readonly package?: string;
  readonly inner?: string;
  /** Shell patterns relative to the archive's top folder; `*` does not match a slash. A folder means all below it. */
  readonly keep: readonly string[];
  readonly drop?: readonly string[];
}

export interface DistroPin {
  /** For people: `Debian`. */
  readonly name: string;
  readonly suite: string;
  readonly keyring: string;
  readonly keyringPackage: string;
}

export async function readPins(path: string): Promise<Pins> {
  const invalid = (problem: string) => new Failure<VendorFailure>({ kind: "pins-invalid", path, problem });
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    throw invalid(error instanceof Error ? error.message : String(error));
  }
  const problem = findProblem(value);
  if (problem) throw invalid(problem);
  return value as Pins;
}

function findProblem(value: unknown): string | undefined {
  if (!isObject(value) || !Array.isArray(value.sources)) return "sources is not a list";
  for (const [index, pin] of value.sources.entries()) {
    const where = `sources[${index}]`;
    if (!isObject(pin)) return `${where} is not an object`;
    const text = ["name", "url", "tag", "commit", "licence"].find(
      (key) => typeof pin[key] !== "string" || pin[key] === "",
    );
    if (text) return `${where}.${text} is not a text`;
    if (!/^[a-z0-9][a-z0-9._-]*$/.test(pin.name as string)) return `${where}.name is not a plain folder name`;
    if (!/^[0-9a-f]{40}$/.test(pin.commit as string)) return `${where}.commit is not a full commit id`;
    if (/^-/.test(`${pin.url}`) || /^-/.test(`${pin.tag}`))
      return `${where} has a url or tag that begins with "-"`;
    const distro = packageProblem(pin.distro);
    if (distro) return `${where}.distro ${distro}`;
  }
  const { distro } = value;
  if (!isObject(distro)) return "distro is not an object";
  const text = ["name", "suite", "keyring", "keyringPackage"].find((key) => typeof distro[key] !== "string");
  return text ? `distro.${text} is not a text` : undefined;
}

function packageProblem(value: unknown): string | undefined {
  if (!isObject(value)) return "is not an object";
  if (
    typeof value.source !== "string" &&
    (typeof value.package !== "string" || typeof value.inner !== "string")
  )
    return "names neither a source package nor a package with an inner archive";
  if (!isTexts(value.keep)) return "keep is not a list of patterns";
  if (value.drop !== undefined && !isTexts(value.drop)) return "drop is not a list of patterns";
  return undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
