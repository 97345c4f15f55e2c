import { mkdir, readdir, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { attempt, type Outcome } from "../../toolchain/src/base/command.ts";
import type { Fault } from "../failures.ts";
import type { DistroPin } from "../pins.ts";

/** apt's own downloader, which uses apt's proxies, certificates and methods of transport. It is in the package apt. */
export const HELPER = "/usr/lib/apt/apt-helper";

/** A mirror is given up if less than this many bytes arrive within this many milliseconds. */
const PACE = { bytes: 32 * 1024, within: 15_000 };

/** The longest time that a command of apt may take, in milliseconds. The largest package usually takes some seconds. */
const TIMEOUT = 600_000;

/** Settings of apt.conf(5), unless who opens an Apt wants others. */
const DEFAULTS: Readonly<Record<string, string>> = {
  "APT::Sandbox::User": "",
  "APT::Get::AllowUnauthenticated": "false",
  "Acquire::Languages": "none",
  "Acquire::Retries": "1",
  "Acquire::http::Timeout": "10",
  "Acquire::https::Timeout": "10",
};

/**
 * An apt that has its own sources, lists and cache in a folder. Those of the system are neither read nor written, and
 * root's privileges are not needed. The rest of the system's configuration applies, because it knows the proxies. The
 * system's hooks are removed, because they clean up the system's own cache. The sandbox user is cleared, because apt,
 * when root runs it, would otherwise download as a user who cannot write to root's cache folder.
 */
export class Apt {
  readonly #folder: string;
  readonly #config: string;
  readonly #signal: AbortSignal;

  private constructor(folder: string, config: string, signal: AbortSignal) {
    this.#folder = folder;
    this.#config = config;
    this.#signal = signal;
  }

  /**
   * @param folder where this apt keeps its files
   * @param sources lines in the format of sources.list(5)
   * @param settings apt.conf(5)'s, such as an architecture other than this machine's
   */
  static async open(
    folder: string,
    sources: readonly string[],
    signal: AbortSignal,
    settings: Readonly<Record<string, string>> = {},
  ): Promise<Apt> {
    for (const name of ["lists/partial", "cache/archives/partial", "parts"])
      await mkdir(join(folder, name), { recursive: true });
    await writeFile(join(folder, "sources.list"), sources.map((line) => `${line}\n`).join(""));
    const places = {
      "Dir::Etc::SourceList": join(folder, "sources.list"),
      "Dir::Etc::SourceParts": join(folder, "parts"),
      "Dir::State::Lists": join(folder, "lists"),
      "Dir::State::Status": "/dev/null",
      "Dir::Cache": join(folder, "cache"),
    };
    const lines = [
      ...["Pre-Invoke", "Post-Invoke", "Post-Invoke-Success"].map((hook) => `#clear APT::Update::${hook};`),
      ...Object.entries({ ...places, ...DEFAULTS, ...settings }).map(([key, value]) => `${key} "${value}";`),
    ];
    const config = join(folder, "apt.conf");
    await writeFile(config, lines.map((line) => `${line}\n`).join(""));
    return new Apt(folder, config, signal);
  }

  /** Runs apt-get in `cwd`. It is ended if it downloads too slowly. */
  get(args: readonly string[], cwd: string): Promise<Outcome> {
    return this.#run("apt-get", args, cwd, PACE);
  }

  /** Runs apt-cache, which asks the lists that `apt-get update` has fetched, and nobody else. */
  query(args: readonly string[]): Promise<Outcome> {
    return this.#run("apt-cache", args, this.#folder);
  }

  /** Downloads a file to `path`. It fails if the file does not have this SHA-256. */
  download(uri: string, path: string, sha256: string): Promise<Outcome> {
    // For a file: URI apt would only make a link to the file.
    const from = uri.replace(/^file:/, "copy:");
    return this.#run(HELPER, ["download-file", from, path, `SHA256:${sha256}`], this.#folder, PACE);
  }

  #run(file: string, args: readonly string[], cwd: string, pace?: typeof PACE): Promise<Outcome> {
    const arrived = async () => (await bytesIn(this.#folder)) + (await bytesIn(cwd));
    return attempt(file, ["-c", this.#config, ...args], {
      cwd,
      signal: this.#signal,
      // If apt is killed it leaves temporary files behind. In this folder they are removed together with the rest.
      env: { TMPDIR: this.#folder },
      timeout: TIMEOUT,
      ...(pace && { pace: { ...pace, arrived } }),
    });
  }
}

/** The lines of sources.list(5) for a suite of an archive: its packages, and what they are made from. */
export function sourceLines(archive: string, suite: string, distro: DistroPin): string[] {
  return [packagesLine(archive, suite, distro), entryLine("deb-src", "Sources", archive, suite, distro)];
}

/** The line of sources.list(5) for the packages of a suite alone. */
export function packagesLine(archive: string, suite: string, distro: DistroPin): string {
  return entryLine("deb", "Packages", archive, suite, distro);
}

function entryLine(type: string, target: string, archive: string, suite: string, distro: DistroPin): string {
  return `${type} [signed-by=${distro.keyring} target=${target}] ${archive} ${suite} main`;
}

/**
 * Finds out why a command of apt has failed. apt has the same exit code for every error, so its messages are searched.
 * They are in English because of LC_ALL.
 *
 * @param what the file or package that was wanted
 * @param place the mirror that was asked
 */
export function aptFault({ output, ended }: Outcome, what: string, place: string): Fault {
  if (ended) return { kind: "slow", place };
  const said = complaints(output);
  if (/No space left on device|Disk quota exceeded|not enough free space/i.test(output))
    return { kind: "disk", path: what, output: said };
  if (
    /NO_PUBKEY|sqv returned an error|EXPKEYSIG|BADSIG|is not signed|were invalid|NODATA|At least one invalid signature/.test(
      output,
    )
  )
    return { kind: "unsigned", place, output: said };
  if (/Hash Sum mismatch|unexpected size|Size mismatch|File has unexpected/i.test(output))
    return { kind: "corrupt", what, place, output: said };
  if (
    /404 +Not Found|Unable to (?:find a source package|locate package)|does not have a Release file|File not found|No such file/i.test(
      output,
    )
  )
    return { kind: "absent", what, place };
  if (
    /Could not resolve|Temporary failure resolving|Could not connect|Connection refused|Cannot initiate the connection|Unable to connect|Connection timed out|Connection failed|Network is unreachable|No route to host|No system certificates/i.test(
      output,
    )
  )
    return { kind: "unreachable", place, output: said };
  return { kind: "refused", what, place, output: said };
}

/** The first complaint of apt, as one line. */
function complaints(output: string): string {
  const lines = output.split("\n").filter((line) => /^(?:E:|Err:|\s{2})/.test(line));
  const [first = output.trim().split("\n").at(-1) ?? ""] = lines.filter((line) => !line.startsWith("Err:"));
  return first.replace(/^E:/, "").trim();
}

async function bytesIn(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  let sum = 0;
  for (const entry of entries)
    if (entry.isFile())
      sum += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      );
  return sum;
}
