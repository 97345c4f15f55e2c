import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Apt, packagesLine } from "../../../vendor/archive/apt.ts";
import pins from "../../../vendor/pins.json" with { type: "json" };
import type { Arch } from "../base/arch.ts";
import type { Outcome } from "../base/command.ts";
import { archiveOf } from "./archive.ts";

/** A package as the signed lists describe it. */
export interface Package {
  readonly name: string;
  readonly version: string;
}

/** A package file, verified by apt against the signed lists. */
export interface Fetched {
  readonly file: string;
  readonly sha256: string;
}

/** apt's settings for packages of an architecture, whatever this machine is. */
function settingsFor({ debian }: Arch): Readonly<Record<string, string>> {
  return { "APT::Architecture": debian, "APT::Architectures": debian, "Acquire::Retries": "3" };
}

/**
 * The lines of sources.list(5) for suites such as `bookworm` or `bullseye-security`, from this machine's mirrors.
 * @throws Failure no-mirror
 */
export async function linesFor(suites: readonly string[]): Promise<string[]> {
  return Promise.all(suites.map(async (suite) => packagesLine(await archiveOf(suite), suite, pins.distro)));
}

/** Debian's binary packages of several suites at once. Neither root nor the system's own apt is needed. */
export class PackageArchive implements AsyncDisposable {
  readonly #dir: string;
  readonly #apt: Apt;
  /** Suites of which no list could be had, with apt's own words. */
  readonly warnings: readonly string[];

  private constructor(dir: string, apt: Apt, warnings: readonly string[]) {
    this.#dir = dir;
    this.#apt = apt;
    this.warnings = warnings;
  }

  /**
   * @param sources lines of sources.list(5)
   * @param arch the architecture of the packages
   */
  static async open(
    sources: readonly string[],
    arch: Arch,
    signal = new AbortController().signal,
  ): Promise<PackageArchive> {
    const dir = await mkdtemp(join(tmpdir(), "bpf-app-apt-"));
    const apt = await Apt.open(dir, sources, signal, settingsFor(arch));
    // One suite that is gone must not cost the others: what has a list can still be used.
    const { output } = await apt.get(["update"], dir);
    return new PackageArchive(dir, apt, complaints(output));
  }

  /** Packages whose name matches a POSIX extended expression, every version of each. */
  async find(expression: string): Promise<Package[]> {
    const names = printed(await this.#apt.query(["search", "--names-only", expression]));
    const wanted = names.split("\n").flatMap((line) => line.split(" - ")[0] || []);
    if (wanted.length === 0) return [];
    return parseRecords(printed(await this.#apt.query(["show", ...wanted])));
  }

  /**
   * Downloads packages into `into`, each file named by the sha256 of its bytes. What is there is not fetched again.
   * @param specs `name`, `name=version` or `name/suite`, as apt-get takes them
   * @throws Error with apt's reason when one of them cannot be had, be it that no list names it or that its file is gone
   */
  async fetch(specs: readonly string[], into: string): Promise<Map<string, Fetched>> {
    const uris = printed(await this.#apt.get(["download", "--print-uris", ...specs], this.#dir));
    const entries = parseUris(uris);
    const missing: string[] = [];
    const result = new Map<string, Fetched>();
    const present = new Set(await readdir(into).catch(() => []));
    for (const spec of specs) {
      const name = spec.split(/[=/]/)[0]!;
      const entry = entries.find((e) => e.name === name);
      if (!entry) throw new Error(`apt-get knows no file for ${spec}`);
      result.set(spec, { file: join(into, `${entry.sha256}.deb`), sha256: entry.sha256 });
      if (!present.has(`${entry.sha256}.deb`)) missing.push(spec);
    }
    if (missing.length > 0) {
      // Each call downloads into a folder of its own, because two calls may run at once.
      const cwd = await mkdtemp(join(this.#dir, "debs-"));
      printed(await this.#apt.get(["download", ...missing], cwd));
      await mkdir(into, { recursive: true });
      for (const file of await readdir(cwd)) await adopt(join(cwd, file), into);
    }
    return result;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** What a command of apt's printed. @throws Error with its first complaint where it failed */
function printed({ ok, stdout, output, ended }: Outcome): string {
  if (ok) return stdout;
  if (ended) throw new Error("the mirror delivers nothing, or too slowly");
  // The first one tells the reason; the last only says that there were others.
  throw new Error(complaints(output)[0]?.replace(/^[EW]: /, "") ?? output);
}

/** Moves a file, over file systems too, to a name made of its content. */
async function adopt(file: string, into: string): Promise<void> {
  const bytes = await readFile(file);
  const name = `${createHash("sha256").update(bytes).digest("hex")}.deb`;
  await writeFile(join(into, `.${process.pid}.${name}`), bytes);
  await rename(join(into, `.${process.pid}.${name}`), join(into, name));
  await rm(file);
}

function complaints(output: string): string[] {
  return output.split("\n").filter((line) => /^[EW]:/.test(line));
}

/** Name and version of each stanza that `apt-cache show` prints. */
export function parseRecords(text: string): Package[] {
  return text.split(/\n\n+/).flatMap((record) => {
    const name = /^Package: (\S+)/m.exec(record)?.[1];
    const version = /^Version: (\S+)/m.exec(record)?.[1];
    return name && version ? [{ name, version }] : [];
  });
}

/** Lines of `apt-get download --print-uris`: 'URI' FILE SIZE SHA256:HEX */
export function parseUris(text: string): { name: string; sha256: string }[] {
  return text.split("\n").flatMap((line) => {
    const match = /^'[^']*' (\S+?)_\S+ \d+ SHA256:([0-9a-f]{64})$/.exec(line.trim());
    return match ? [{ name: match[1]!, sha256: match[2]! }] : [];
  });
}
