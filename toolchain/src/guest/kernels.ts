import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { acquire, acquireLibraries } from "./acquire.ts";
import { type Choice, RELEASES, WANTED } from "./choose.ts";
import { linesFor, type Package, PackageArchive } from "./package-archive.ts";
import { prune, unpack } from "./unpack.ts";

const SUITES = [...RELEASES.flatMap((release) => [release, `${release}-security`]), "trixie-backports"];

/** Packages with the libraries that a built file may ask for (FACTS of the target: glibc, libstdc++, libgcc_s). */
const LIBRARIES = ["libc6", "libstdc++6", "libgcc-s1"];

/** A kernel on this machine's disk, ready to boot. */
export interface Kernel extends Choice {
  readonly vmlinuz: string;
  /** Modules to load, in this order. */
  readonly modules: readonly string[];
  /** Where the libraries of the release lie, flat. */
  readonly libraries: string;
}

/** The tests' own folder in the user's cache. */
export function cacheDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "create-bpf-app", "test-kernels");
}

interface Prepared {
  readonly choice: Choice;
  readonly trees: { readonly kernel: string; readonly libraries: string };
  /** When it was looked up, in milliseconds. */
  readonly at: number;
}

const DAY = 24 * 3600 * 1000;

/**
 * Kernels ready to boot. What was looked up within a week (a day in CI) is taken as it is; for the rest Debian's lists
 * are read, and where that gives nothing what is there serves, with a note.
 * @param versions narrows the table; default all
 */
export async function prepareKernels(
  versions?: readonly string[],
): Promise<{ kernels: Kernel[]; notes: string[] }> {
  const wanted = WANTED.filter((w) => versions === undefined || versions.includes(w.version));
  const file = join(cacheDir(), "prepared.json");
  const known = await readPrepared(file);
  const limit = Date.now() - (process.env.CI ? DAY : 7 * DAY);
  const due = wanted.filter(({ version }) => (known.get(version)?.at ?? 0) < limit);
  const notes: string[] = [];
  if (due.length > 0) {
    const others = [...known.values()].filter(({ choice }) => due.every((w) => w.version !== choice.wanted));
    const { prepared, notes: said } = await prepare(due, others);
    for (const one of prepared) known.set(one.choice.wanted, one);
    notes.push(...said);
    await writeAtomic(file, JSON.stringify([...known.values()], undefined, 1));
    await prune(treesOf(known.values()), cacheDir(), DAY);
    for (const { version } of due) {
      const old = known.get(version);
      if (old && old.at < limit)
        notes.push(`${version}: the kernel of ${Math.floor((Date.now() - old.at) / DAY)} days ago serves.`);
    }
  }
  const kernels = await Promise.all(wanted.flatMap(({ version }) => known.get(version) ?? []).map(load));
  const said = kernels.flatMap((kernel) => (kernel.note ? [`${kernel.wanted}: ${kernel.note}.`] : []));
  return { kernels, notes: [...notes, ...said] };
}

/** The kernels that were prepared before, by wanted version. Those whose files are gone are left out. */
async function readPrepared(file: string): Promise<Map<string, Prepared>> {
  const known: Prepared[] = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => []);
  const whole = known.filter(
    ({ trees }) =>
      existsSync(join(trees.kernel, "kernel.json")) && existsSync(join(trees.libraries, "libraries.json")),
  );
  return new Map(whole.map((one) => [one.choice.wanted, one]));
}

async function prepare(
  wanted: typeof WANTED,
  others: readonly Prepared[],
): Promise<{ prepared: Prepared[]; notes: string[] }> {
  await using archive = await PackageArchive.open(await linesFor(SUITES));
  const served = await archive.find("^linux-(image|binary|modules)-[0-9].*-cloud-amd64$");
  await mkdir(cacheDir(), { recursive: true });
  const debs = await mkdtemp(join(cacheDir(), "work-debs-"));
  const fetched = async (specs: readonly string[]) => (await archive.fetch(specs, debs)).values();
  try {
    const { acquired, notes } = await acquire(
      wanted,
      served,
      async ({ packages }) => await unpack("kernel", await fetched(packages.map(spec)), cacheDir()),
      others.map(({ choice }) => choice.version),
    );
    const prepared: Prepared[] = [];
    const sets = new Map<string, { got: string; note?: string }>();
    for (const { choice, got: kernel } of acquired) {
      const set =
        sets.get(choice.release) ??
        (await acquireLibraries(choice.release, async (suite) =>
          unpack("libraries", await fetched(LIBRARIES.map((name) => `${name}/${suite}`)), cacheDir()),
        ));
      sets.set(choice.release, set);
      const { got: libraries, note } = set;
      const said = [choice.note, note].filter(Boolean).join("; ");
      const noted = { ...choice, ...(said ? { note: said } : {}) };
      prepared.push({ choice: noted, trees: { kernel, libraries }, at: Date.now() });
    }
    return { prepared, notes: [...archive.warnings, ...notes] };
  } finally {
    await rm(debs, { recursive: true, force: true });
  }
}

const spec = (pkg: Package) => `${pkg.name}=${pkg.version}`;

function treesOf(prepared: Iterable<Prepared>): Set<string> {
  return new Set([...prepared].flatMap(({ trees }) => [trees.kernel, trees.libraries]));
}

async function load({ choice, trees }: Prepared): Promise<Kernel> {
  const { modules } = JSON.parse(await readFile(join(trees.kernel, "kernel.json"), "utf8"));
  return {
    ...choice,
    vmlinuz: join(trees.kernel, "vmlinuz"),
    modules: modules.map((name: string) => join(trees.kernel, name)),
    libraries: trees.libraries,
  };
}

async function writeAtomic(file: string, text: string): Promise<void> {
  await writeFile(`${file}.${process.pid}`, text);
  await rename(`${file}.${process.pid}`, file);
}
