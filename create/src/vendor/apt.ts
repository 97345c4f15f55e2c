import { access, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../../toolchain/src/failure.ts";
import type { VendorFailure } from "../failures.ts";
import { attempt, type Outcome } from "../run.ts";
import type { DistroPin, PackagePin } from "./pins.ts";
import type { Download } from "./provenance.ts";
import type { Cache } from "./trees.ts";

/** What the signed index of the suite said a package is. */
export interface Package {
  readonly name: string;
  readonly version: string;
  readonly files: readonly Download[];
}

/** Where packages come from: archives, tried in this order, and how they are verified. */
export interface PackageSource {
  readonly distro: DistroPin;
  readonly archives: readonly string[];
}

/**
 * Downloads packages with an apt-get that has its own sources, lists and cache in a scratch folder: the system's are
 * neither read nor written, and root is not needed. apt checks the archive's signature and every file's hash.
 */
export async function fetchPackages(
  pins: readonly PackagePin[],
  { distro, archives }: PackageSource,
  cache: Cache,
  signal: AbortSignal,
): Promise<Package[]> {
  await access(distro.keyring).catch(() => {
    throw failure({
      kind: "keyring-missing",
      path: distro.keyring,
      package: distro.keyringPackage,
      distro: distro.name,
    });
  });
  const scratch = await cache.scratch();
  try {
    const apt = await openArchive(scratch, distro, archives, signal);
    const packages: Package[] = [];
    for (const [index, pin] of pins.entries()) {
      const folder = join(scratch, `download-${index}`);
      await mkdir(folder);
      packages.push(await download(pin, folder, distro, apt, cache));
    }
    return packages;
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

type Apt = (args: readonly string[], cwd: string) => Promise<Outcome>;

async function openArchive(
  scratch: string,
  distro: DistroPin,
  archives: readonly string[],
  signal: AbortSignal,
): Promise<Apt> {
  const outputs: string[] = [];
  for (const [index, archive] of archives.entries()) {
    const folder = join(scratch, `apt-${index}`);
    const config = await configure(folder, archive, distro);
    const apt: Apt = (args, cwd) => attempt("apt-get", ["-c", config, ...args], { cwd, signal });
    const outcome = await apt(["update", "--error-on=any"], folder);
    if (outcome.ok) return apt;
    if (/NO_PUBKEY|EXPKEYSIG|BADSIG|is not signed|were invalid/.test(outcome.output))
      throw failure({ kind: "archive-unsigned", archive, output: complaints(outcome.output) });
    outputs.push(complaints(outcome.output));
  }
  throw failure({ kind: "archive-unreachable", archives, output: outputs.join("\n") });
}

/**
 * The configuration goes on top of the system's, which knows the proxies. Its hooks are taken out, as they tidy the
 * system's own cache. As root, apt would download as a user who cannot write to root's cache folder.
 */
async function configure(folder: string, archive: string, distro: DistroPin): Promise<string> {
  for (const name of ["lists/partial", "cache/archives/partial", "parts"])
    await mkdir(join(folder, name), { recursive: true });
  const entry = (type: string, target: string) =>
    `${type} [signed-by=${distro.keyring} target=${target}] ${archive} ${distro.suite} main\n`;
  await writeFile(join(folder, "sources.list"), entry("deb", "Packages") + entry("deb-src", "Sources"));
  const config = join(folder, "apt.conf");
  await writeFile(
    config,
    `#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
Dir::Etc::SourceList ${quote(join(folder, "sources.list"))};
Dir::Etc::SourceParts ${quote(join(folder, "parts"))};
Dir::State::Lists ${quote(join(folder, "lists"))};
Dir::State::Status "/dev/null";
Dir::Cache ${quote(join(folder, "cache"))};
APT::Sandbox::User "";
APT::Get::AllowUnauthenticated "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "20";
`,
  );
  return config;
}

async function download(
  pin: PackagePin,
  folder: string,
  distro: DistroPin,
  apt: Apt,
  cache: Cache,
): Promise<Package> {
  const name = pin.source ?? pin.package!;
  const args = pin.source ? ["source", "--download-only", "--only-source", name] : ["download", name];
  const outcome = await apt(["--quiet", ...args], folder);
  if (!outcome.ok) {
    const output = complaints(outcome.output);
    if (/Unable to (?:find a source package|locate package)/.test(output))
      throw failure({ kind: "package-missing", package: name, suite: distro.suite, output });
    if (/Hash Sum mismatch|unexpected size|Size mismatch/i.test(output))
      throw failure({ kind: "download-corrupt", package: name, output });
    throw failure({ kind: "archive-unreachable", archives: [`${distro.name} ${distro.suite}`], output });
  }
  const names = (await readdir(folder)).sort();
  const version = versionOf(names, name);
  const files: Download[] = [];
  for (const file of names) files.push(await cache.addFile(join(folder, file), file));
  return { name, version, files };
}

/** A file is named PACKAGE_VERSION.dsc or PACKAGE_VERSION_ARCH.deb; an epoch, `1:`, is not part of the name or is written %3a. */
function versionOf(files: readonly string[], name: string): string {
  const match = files
    .map((file) => /^[^_]+_(.+?)(?:\.dsc|_[a-z0-9]+\.deb)$/.exec(file))
    .find((found) => found);
  if (!match)
    throw failure({
      kind: "package-odd",
      package: name,
      problem: `it came as ${files.join(", ") || "nothing"}`,
    });
  return decodeURIComponent(match[1]!);
}

function complaints(output: string): string {
  const lines = output.split("\n").filter((line) => /^(?:[EW]:|Err:|\s{2})/.test(line));
  return (lines.length > 0 ? lines.join("\n") : output).trim();
}

function quote(path: string): string {
  return `"${path}"`;
}

function failure(data: VendorFailure): Failure<VendorFailure> {
  return new Failure(data);
}
