import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Apt, type Fetched, type Package } from "./apt.ts";
import { extractKernel, extractLibraries } from "./extract.ts";

const run = promisify(execFile);

/** A kernel the matrix is to have: Debian's cloud flavour, which boots fastest and carries BTF and BPF LSM. */
export interface Wanted {
  /** Major and minor version. */
  readonly version: string;
  /** The Debian release whose C and C++ libraries go with it, so that each guest is a system as it was shipped. */
  readonly release: "bullseye" | "bookworm" | "trixie";
}

export const WANTED: readonly Wanted[] = [
  { version: "5.10", release: "bullseye" },
  { version: "6.1", release: "bookworm" },
  { version: "6.12", release: "trixie" },
  ...["6.16", "6.17", "6.18", "6.19", "7.0", "7.1", "7.2", "7.3"].map(
    (version): Wanted => ({ version, release: "trixie" }),
  ),
];

const SUITES = [
  ...["bullseye", "bookworm", "trixie"].flatMap((release) => [release, `${release}-security`]),
  "trixie-backports",
];

/** Packages with the libraries that a built file may ask for (FACTS of the target: glibc, libstdc++, libgcc_s). */
const LIBRARIES = ["libc6", "libstdc++6", "libgcc-s1"];

/** A wanted kernel and the packages that give it, or why there are none. */
export interface Choice {
  readonly wanted: string;
  /** What is booted: `wanted`, or the nearest version that Debian serves. */
  readonly version: string;
  readonly release: Wanted["release"];
  /** Kernel release without flavour, as in the package names: 6.12.107+deb13. */
  readonly abi: string;
  readonly packages: readonly Package[];
  /** Said to the user: a replacement, or modules that are not served any more. */
  readonly note?: string;
}

/** A kernel on this machine's disk, ready to boot. */
export interface Kernel extends Choice {
  readonly vmlinuz: string;
  /** Modules to load, in this order. */
  readonly modules: readonly string[];
  /** Where the libraries of the release lie, flat. */
  readonly libraries: string;
}

/** The tests' own corner of the user's cache. */
export function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "create-bpf-app", "test-kernels");
}

/**
 * Chooses for each wanted version the newest kernel among the packages that Debian serves. A version that is gone is
 * replaced by the nearest one that is served and not in the table anyway, and left out if there is none.
 */
export function choose(
  wanted: readonly Wanted[],
  served: readonly Package[],
): { choices: Choice[]; notes: string[] } {
  const images = served.flatMap((pkg) => {
    // 6.1.0-0.deb11.52 is a rebuild of bookworm's kernel for bullseye.
    const match = /^linux-image-((\d+\.\d+)[-.].*)-cloud-amd64$/.exec(pkg.name);
    return match && !pkg.name.includes("0.deb")
      ? [{ abi: match[1] as string, minor: match[2] as string }]
      : [];
  });
  const newest = new Map<string, string>();
  for (const { abi, minor } of images) {
    const best = newest.get(minor);
    if (best === undefined || compareVersions(abi, best) > 0) newest.set(minor, abi);
  }
  const taken = new Set(wanted.map((w) => w.version).filter((version) => newest.has(version)));
  const choices: Choice[] = [];
  const notes: string[] = [];
  for (const want of wanted) {
    const version = newest.has(want.version)
      ? want.version
      : nearest(want.version, [...newest.keys()], taken);
    if (version === undefined) {
      notes.push(
        `Debian serves no ${want.version} kernel any more, nor another one that is not in the table.`,
      );
      continue;
    }
    taken.add(version);
    const abi = newest.get(version) as string;
    const packages = packagesOf(abi, served);
    const parts = [];
    if (version !== want.version)
      parts.push(`Debian serves no ${want.version} kernel any more; ${version} instead`);
    const image = packages.find((p) => p.name.startsWith("linux-image-"));
    const split = packages.some((p) => p.name.startsWith("linux-binary-"));
    if (split && !packages.some((p) => p.name.startsWith("linux-modules-"))) {
      parts.push(`Debian serves no modules for ${abi} any more: only what is built in`);
    }
    if (!image) continue;
    const note = parts.join("; ");
    choices.push({
      wanted: want.version,
      version,
      // If an old kernel is gone, its release may be too; programs run with newer libraries than they need.
      release: version === want.version ? want.release : "trixie",
      abi,
      packages,
      ...(note ? { note } : {}),
    });
  }
  return { choices, notes };
}

/** Up to 6.18 one package holds everything; then the image, the modules and a package that ties them are split. */
function packagesOf(abi: string, served: readonly Package[]): Package[] {
  return ["image", "binary", "modules"].flatMap((part) => {
    const versions = served.filter((pkg) => pkg.name === `linux-${part}-${abi}-cloud-amd64`);
    versions.sort((a, b) => compareVersions(a.version, b.version));
    return versions.slice(-1);
  });
}

function nearest(version: string, served: readonly string[], taken: ReadonlySet<string>): string | undefined {
  const free = served.filter((candidate) => !taken.has(candidate));
  const order = [...served, version].sort(compareVersions);
  const distance = (candidate: string) => Math.abs(order.indexOf(candidate) - order.indexOf(version));
  return free.sort((a, b) => distance(a) - distance(b) || compareVersions(b, a))[0];
}

/** Compares by the numbers in two version strings, in order. */
export function compareVersions(a: string, b: string): number {
  const [x, y] = [a, b].map((text) => (text.match(/\d+/g) ?? []).map(Number)) as [number[], number[]];
  for (let i = 0; i < Math.max(x.length, y.length); i++) {
    const difference = (x[i] ?? -1) - (y[i] ?? -1);
    if (difference !== 0) return difference;
  }
  return 0;
}

interface Resolved {
  readonly choices: readonly (Choice & { readonly trees: { kernel: string; libraries: string } })[];
  readonly notes: readonly string[];
}

const DAY = 24 * 3600 * 1000;

/**
 * Kernels ready to boot. What was resolved within a week (a day in CI) is taken as it is; else Debian's lists are
 * read again, and if that fails what is there serves, with a note.
 * @param versions narrows the table; default all
 */
export async function prepareKernels(
  versions?: readonly string[],
): Promise<{ kernels: Kernel[]; notes: string[] }> {
  const wanted = WANTED.filter((w) => versions === undefined || versions.includes(w.version));
  const file = join(cacheDir(), "resolved.json");
  const known: Resolved | undefined = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => undefined);
  const age = await stat(file).then(
    (s) => Date.now() - s.mtimeMs,
    () => Number.POSITIVE_INFINITY,
  );
  const complete = (resolved: Resolved | undefined): resolved is Resolved =>
    resolved !== undefined &&
    wanted.every(
      (w) =>
        resolved.choices.some((c) => c.wanted === w.version) ||
        resolved.notes.some((n) => n.includes(` ${w.version} `)),
    ) &&
    resolved.choices.every((c) => existsSync(join(c.trees.kernel, "kernel.json")));
  if (complete(known) && age < (process.env.CI ? DAY : 7 * DAY)) return await load(known, wanted, []);
  try {
    const resolved = await resolve(WANTED);
    await writeAtomic(file, JSON.stringify(resolved, undefined, 1));
    return await load(resolved, wanted, []);
  } catch (error) {
    if (!complete(known)) throw error;
    return await load(known, wanted, [
      `Debian's lists could not be read; the kernels of ${Math.floor(age / DAY)} days ago serve.`,
    ]);
  }
}

async function resolve(wanted: readonly Wanted[]): Promise<Resolved> {
  await using apt = await Apt.open(SUITES);
  const served = await apt.find("^linux-(image|binary|modules)-[0-9].*-cloud-amd64$");
  const { choices, notes } = choose(wanted, served);
  if (choices.length === 0) {
    throw new Error(`No kernel could be found in Debian's lists.\n${apt.warnings.join("\n")}`);
  }
  const debs = join(cacheDir(), `work-debs-${process.pid}`);
  try {
    const files = await download(apt, choices, debs);
    const resolved = await twoAtATime(choices, async (choice) => ({
      ...choice,
      trees: {
        kernel: await tree(
          "kernel",
          choice.packages.map((p) => files.get(spec(p))!),
          extractKernel,
        ),
        libraries: await tree(
          "libraries",
          librarySpecs(choice).map((l) => files.get(l)!),
          extractLibraries,
        ),
      },
    }));
    await prune(resolved.map((choice) => choice.trees));
    return { choices: resolved, notes: [...notes, ...apt.warnings] };
  } finally {
    await rm(debs, { recursive: true, force: true });
  }
}

const spec = (pkg: Package) => `${pkg.name}=${pkg.version}`;
const librarySpecs = ({ release }: Choice) => LIBRARIES.map((name) => `${name}/${release}`);

/** One call for each release: apt-get takes one version of a package per call. */
async function download(apt: Apt, choices: readonly Choice[], into: string): Promise<Map<string, Fetched>> {
  const files = await apt.fetch(
    choices.flatMap((c) => c.packages.map(spec)),
    into,
  );
  const sets = new Map(choices.map((choice) => [choice.release, librarySpecs(choice)]));
  for (const specs of sets.values()) {
    for (const [key, value] of await apt.fetch(specs, into)) files.set(key, value);
  }
  return files;
}

/** Unpacking is xz on one core: two make use of two. */
async function twoAtATime<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const queue = [...items.entries()];
  const worker = async () => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift())
      results[next[0]] = await work(next[1]);
  };
  await Promise.all([worker(), worker()]);
  return results;
}

/** Removes trees that are neither in use nor young enough to be of another run. */
async function prune(used: readonly { kernel: string; libraries: string }[]): Promise<void> {
  const keep = new Set(used.flatMap((trees) => [trees.kernel, trees.libraries]));
  for (const kind of ["kernel", "libraries"]) {
    const folder = join(cacheDir(), kind);
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (keep.has(path) || Date.now() - (await stat(path)).mtimeMs < DAY) continue;
      await rm(path, { recursive: true, force: true });
    }
  }
}

let staged = 0;

/** Unpacks packages once into a folder named by their content. */
async function tree(
  kind: string,
  debs: readonly { file: string; sha256: string }[],
  extract: (unpacked: string, into: string) => Promise<void>,
): Promise<string> {
  const recipe = await readFile(join(import.meta.dirname, "extract.ts"));
  const key = createHash("sha256").update(recipe);
  for (const { sha256 } of debs) key.update(sha256);
  const final = join(cacheDir(), kind, key.digest("hex"));
  if (existsSync(join(final, `${kind}.json`))) return final;
  const staging = `${final}.${process.pid}.${staged++}`;
  await rm(staging, { recursive: true, force: true });
  await mkdir(join(staging, "unpacked"), { recursive: true });
  for (const { file } of debs) await run("dpkg-deb", ["-x", file, join(staging, "unpacked")]);
  await extract(join(staging, "unpacked"), staging);
  await rm(join(staging, "unpacked"), { recursive: true });
  // Another run may have been quicker.
  await rename(staging, final).catch(() => rm(staging, { recursive: true, force: true }));
  return final;
}

async function load(resolved: Resolved, wanted: readonly Wanted[], notes: readonly string[]) {
  const kernels: Kernel[] = [];
  for (const { trees, ...choice } of resolved.choices) {
    if (!wanted.some((w) => w.version === choice.wanted)) continue;
    const { modules } = JSON.parse(await readFile(join(trees.kernel, "kernel.json"), "utf8"));
    kernels.push({
      ...choice,
      vmlinuz: join(trees.kernel, "vmlinuz"),
      modules: modules.map((name: string) => join(trees.kernel, name)),
      libraries: trees.libraries,
    });
  }
  const said = kernels.flatMap((k) => (k.note ? [`${k.wanted}: ${k.note}.`] : []));
  return { kernels, notes: [...notes, ...resolved.notes, ...said] };
}

async function writeAtomic(file: string, text: string): Promise<void> {
  await mkdir(cacheDir(), { recursive: true });
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
}
