import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

const KEYRING = "/usr/share/keyrings/debian-archive-keyring.gpg";

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

/** Mirrors of the main and the security archive that this machine's own apt uses. */
export interface Mirrors {
  readonly main: string;
  readonly security: string;
}

/**
 * Reads the mirrors out of the text of sources.list (one line each) and *.sources (deb822) files. An archive is
 * recognised by the end of its path: `/debian` and `/debian-security`.
 */
export function mirrorsFrom(texts: readonly string[]): Mirrors {
  const uris = texts
    .flatMap((text) => text.split("\n"))
    .filter((line) => /^\s*(deb\s|URIs:)/i.test(line))
    .flatMap((line) => line.match(/https?:\/\/[^\s\]]+/g) ?? [])
    .map((uri) => uri.replace(/\/+$/, ""));
  const main = uris.find((uri) => uri.endsWith("/debian"));
  if (!main)
    throw new Error(
      "apt's sources name no archive of Debian, where the kernels are: add a mirror to /etc/apt",
    );
  const security = uris.find((uri) => uri.endsWith("/debian-security")) ?? `${main}-security`;
  return { main, security };
}

export async function systemMirrors(): Promise<Mirrors> {
  const parts = await readdir("/etc/apt/sources.list.d").catch(() => []);
  const files = [
    "/etc/apt/sources.list",
    ...parts.sort().map((name) => join("/etc/apt/sources.list.d", name)),
  ].filter((file) => /\.(list|sources)$/.test(file));
  return mirrorsFrom(await Promise.all(files.map((file) => readFile(file, "utf8").catch(() => ""))));
}

async function systemSources(suites: readonly string[]): Promise<string[]> {
  const { main, security } = await systemMirrors();
  return suites.map(
    (suite) => `deb [signed-by=${KEYRING}] ${suite.endsWith("-security") ? security : main} ${suite} main`,
  );
}

/**
 * An apt of our own: its lists, cache and sources lie in a temporary folder, so the system's apt is neither used nor
 * changed and no root is needed; signatures and hashes are checked as always.
 */
export class Apt implements AsyncDisposable {
  readonly #dir: string;
  readonly #options: readonly string[];
  /** Suites of which no list could be had, with apt's own words. */
  readonly warnings: readonly string[];

  private constructor(dir: string, options: readonly string[], warnings: readonly string[]) {
    this.#dir = dir;
    this.#options = options;
    this.warnings = warnings;
  }

  /**
   * @param suites such as `bookworm` or `bullseye-security`; the latter come from the security archive
   * @param sources lines of a sources.list; default: the suites, from this machine's mirrors
   */
  static async open(suites: readonly string[], sources?: readonly string[]): Promise<Apt> {
    const dir = await mkdtemp(join(tmpdir(), "create-bpf-app-apt-"));
    for (const sub of ["lists/partial", "cache/archives/partial"]) {
      await mkdir(join(dir, sub), { recursive: true });
    }
    const lines = sources ?? (await systemSources(suites));
    await writeFile(join(dir, "sources.list"), lines.map((line) => `${line}\n`).join(""));
    await writeFile(join(dir, "status"), "");
    const options = Object.entries({
      "Dir::Etc::sourcelist": join(dir, "sources.list"),
      "Dir::Etc::sourceparts": "/dev/null",
      "Dir::State": dir,
      "Dir::State::lists": join(dir, "lists"),
      "Dir::State::status": join(dir, "status"),
      "Dir::Cache": join(dir, "cache"),
      "APT::Architecture": "amd64",
      "APT::Architectures": "amd64",
      // Root would hand the download to a user who may not write here.
      "APT::Sandbox::User": process.getuid?.() === 0 ? "root" : "",
      "Acquire::Languages": "none",
      "Acquire::IndexTargets::deb::DEP-11::DefaultEnabled": "false",
      "Acquire::Retries": "3",
    }).flatMap(([key, value]) => ["-o", `${key}=${value}`]);
    const warnings: string[] = [];
    try {
      const { stderr } = await run("apt-get", [...options, "update"], { maxBuffer: 1 << 26 });
      warnings.push(...complaints(stderr));
    } catch (error) {
      // One suite that is gone must not cost the others: what has a list can still be used.
      warnings.push(...complaints((error as { stderr?: string }).stderr ?? String(error)));
    }
    return new Apt(dir, options, warnings);
  }

  /** Packages whose name matches a POSIX extended expression, every version of each. */
  async find(expression: string): Promise<Package[]> {
    const { stdout: names } = await run(
      "apt-cache",
      [...this.#options, "search", "--names-only", expression],
      { maxBuffer: 1 << 26 },
    );
    const wanted = names.split("\n").flatMap((line) => line.split(" - ")[0] || []);
    if (wanted.length === 0) return [];
    const { stdout } = await run("apt-cache", [...this.#options, "show", ...wanted], { maxBuffer: 1 << 26 });
    return parseRecords(stdout);
  }

  /**
   * Downloads packages into `into`, each file named by the sha256 of its bytes. What is there is not fetched again.
   * @param specs `name`, `name=version` or `name/suite`, as apt-get takes them
   * @throws Error with apt's reason when one of them cannot be had, be it that no list names it or that its file is gone
   */
  async fetch(specs: readonly string[], into: string): Promise<Map<string, Fetched>> {
    const entries = parseUris(await this.#get(["download", "--print-uris", ...specs]));
    const missing: string[] = [];
    const result = new Map<string, Fetched>();
    const present = new Set(await readdir(into).catch(() => []));
    for (const spec of specs) {
      const name = spec.split(/[=/]/)[0] as string;
      const entry = entries.find((e) => e.name === name);
      if (!entry) throw new Error(`apt-get knows no file for ${spec}`);
      result.set(spec, { file: join(into, `${entry.sha256}.deb`), sha256: entry.sha256 });
      if (!present.has(`${entry.sha256}.deb`)) missing.push(spec);
    }
    if (missing.length > 0) {
      // Of its own: two calls may run at once.
      const cwd = await mkdtemp(join(this.#dir, "debs-"));
      await this.#get(["download", ...missing], cwd);
      await mkdir(into, { recursive: true });
      for (const file of await readdir(cwd)) await adopt(join(cwd, file), into);
    }
    return result;
  }

  async #get(args: readonly string[], cwd = this.#dir): Promise<string> {
    try {
      const { stdout } = await run("apt-get", [...this.#options, ...args], { cwd, maxBuffer: 1 << 26 });
      return stdout;
    } catch (error) {
      const said = complaints((error as { stderr?: string }).stderr ?? "");
      // The last one only says that there were others.
      throw new Error(said[0]?.replace(/^[EW]: /, "") ?? String(error));
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await rm(this.#dir, { recursive: true, force: true });
  }
}

/** Moves a file, over file systems too, to a name made of its content. */
async function adopt(file: string, into: string): Promise<void> {
  const bytes = await readFile(file);
  const name = `${createHash("sha256").update(bytes).digest("hex")}.deb`;
  await writeFile(join(into, `.${process.pid}.${name}`), bytes);
  await rename(join(into, `.${process.pid}.${name}`), join(into, name));
  await rm(file);
}

function complaints(stderr: string): string[] {
  return stderr.split("\n").filter((line) => /^[EW]:/.test(line));
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
    return match ? [{ name: match[1] as string, sha256: match[2] as string }] : [];
  });
}
