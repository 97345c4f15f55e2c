import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { ARCHES, type Arch, ownArch } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import { replaceFile } from "../base/replace-file.ts";
import { acquire, acquireLibraries } from "./acquire.ts";
import { guestCache } from "./cache.ts";
import { type Choice, flavourOf, RELEASES, type Release, WANTED } from "./choose.ts";
import { CONFIG } from "./extract.ts";
import { requireArchiveNeeds } from "./needs.ts";
import { linesFor, type Package, PackageArchive } from "./package-archive.ts";
import { prune, unpack } from "./unpack.ts";

const SUITES = [...RELEASES.flatMap((release) => [release, `${release}-security`]), "trixie-backports"];

/** Packages with the libraries that a built file may ask for (FACTS of the target: glibc, libstdc++, libgcc_s). */
const LIBRARIES = ["libc6", "libstdc++6", "libgcc-s1"];

/** A kernel on this machine's disk, ready to boot. */
export interface Kernel extends Choice {
  readonly arch: Arch;
  readonly vmlinuz: string;
  /** Its configuration; undefined where its package has none. */
  readonly config?: string;
  /** Modules to load, in this order. */
  readonly modules: readonly string[];
  /** Where the libraries of the kernel's release lie, flat; undefined where they were not asked for. */
  readonly libraries?: string;
}

/** What is asked for besides the kernels. */
export interface KernelOptions {
  /** The architecture of the kernels. Default: this machine's. */
  readonly arch?: Arch;
  /** Whether the C and C++ libraries of each kernel's own release are wanted too. Default: true. */
  readonly libraries?: boolean;
  /** Ends the downloads. */
  readonly signal?: AbortSignal;
  /** Is told which versions are about to be looked up in the archive, which takes minutes. */
  readonly fetching?: (versions: readonly string[]) => void;
}

interface Prepared {
  readonly choice: Choice;
  readonly trees: { readonly kernel: string; readonly libraries?: string };
  /** A sentence about libraries that another release's stand for. */
  readonly librariesNote?: string;
  /** When it was looked up, in milliseconds. */
  readonly at: number;
}

const DAY = 24 * 3600 * 1000;

/**
 * Kernels ready to boot. What was looked up within a week (a day in CI) is taken as it is; for the rest Debian's lists
 * are read, and where that gives nothing what is there serves, with a note.
 * @param versions narrows the table; default all
 * @throws Failure needs-missing, no-mirror, no-kernel
 */
export async function prepareKernels(
  versions?: readonly string[],
  options: KernelOptions = {},
): Promise<{ kernels: Kernel[]; notes: string[] }> {
  const wanted = WANTED.filter((w) => versions === undefined || versions.includes(w.version));
  const file = preparedFile(options.arch ?? ownArch());
  const known = await readPrepared(file);
  const due = wanted.filter(({ version }) => isDue(known.get(version), options));
  const notes: string[] = [];
  if (due.length > 0) {
    requireArchiveNeeds();
    options.fetching?.(due.map(({ version }) => version));
    const others = [...known.values()].filter(({ choice }) => due.every((w) => w.version !== choice.wanted));
    const { prepared, notes: said } = await prepare(due, others, options);
    for (const one of prepared) known.set(one.choice.wanted, one);
    notes.push(...said);
    replaceFile(file, JSON.stringify([...known.values()], undefined, 1));
    const all = await Promise.all(Object.values(ARCHES).map((arch) => readPrepared(preparedFile(arch))));
    await prune(new Set(all.flatMap((some) => [...treesOf(some.values())])), guestCache(), DAY);
    for (const { version } of due) {
      const old = known.get(version);
      if (old && isDue(old, options))
        notes.push(`${version}: the kernel of ${Math.floor((Date.now() - old.at) / DAY)} days ago serves.`);
    }
  }
  const there = wanted.flatMap(({ version }) => known.get(version) ?? []);
  if (there.length === 0 && wanted.length > 0)
    throw new Failure("guest", {
      kind: "no-kernel",
      versions: wanted.map(({ version }) => version),
      reasons: notes,
    });
  const kernels = await Promise.all(there.map((one) => load(one, options)));
  const said = kernels.flatMap((kernel) => (kernel.note ? [`${kernel.wanted}: ${kernel.note}.`] : []));
  return { kernels, notes: [...notes, ...said] };
}

/** Where it is written down which kernels of an architecture are there. */
function preparedFile({ node }: Arch): string {
  return join(guestCache(), node === "x64" ? "prepared.json" : `prepared-${node}.json`);
}

/** Whether these kernels can be booted without looking into the archive. */
export async function kernelsAreThere(
  versions: readonly string[],
  options: KernelOptions = { libraries: false },
): Promise<boolean> {
  const known = await readPrepared(preparedFile(options.arch ?? ownArch()));
  return versions.every((version) => !isDue(known.get(version), options));
}

function isDue(one: Prepared | undefined, { libraries = true }: KernelOptions): boolean {
  const limit = Date.now() - (process.env.CI ? DAY : 7 * DAY);
  return one === undefined || one.at < limit || (libraries && one.trees.libraries === undefined);
}

/** The kernels that were prepared before, by wanted version. Those whose files are gone are left out. */
async function readPrepared(file: string): Promise<Map<string, Prepared>> {
  const known: Prepared[] = await readFile(file, "utf8")
    .then(JSON.parse)
    .catch(() => []);
  const there = (tree: string | undefined, mark: string) =>
    tree === undefined || existsSync(join(tree, mark));
  const whole = known.filter(
    ({ trees }) => there(trees.kernel, "kernel.json") && there(trees.libraries, "libraries.json"),
  );
  return new Map(whole.map((one) => [one.choice.wanted, one]));
}

async function prepare(
  wanted: typeof WANTED,
  others: readonly Prepared[],
  { libraries = true, signal, arch = ownArch() }: KernelOptions,
): Promise<{ prepared: Prepared[]; notes: string[] }> {
  await using archive = await PackageArchive.open(await linesFor(SUITES), arch, signal);
  const served = await archive.find(`^linux-(image|binary|modules)-[0-9].*-${flavourOf(arch)}$`);
  await mkdir(guestCache(), { recursive: true });
  const debs = await mkdtemp(join(guestCache(), "work-debs-"));
  const fetched = async (specs: readonly string[]) => (await archive.fetch(specs, debs)).values();
  try {
    const { acquired, notes } = await acquire(
      wanted,
      served,
      async ({ packages }) => await unpack("kernel", await fetched(packages.map(spec)), guestCache()),
      arch,
      others.map(({ choice }) => choice.version),
    );
    signal?.throwIfAborted();
    const prepared: Prepared[] = [];
    const librariesOf = onceFor((release: Release) =>
      acquireLibraries(release, async (suite) =>
        unpack("libraries", await fetched(LIBRARIES.map((name) => `${name}/${suite}`)), guestCache()),
      ),
    );
    for (const { choice, got: kernel } of acquired) {
      const set = libraries ? await librariesOf(choice.release) : undefined;
      const trees = { kernel, ...(set ? { libraries: set.got } : {}) };
      const note = set?.note === undefined ? {} : { librariesNote: set.note };
      prepared.push({ choice, trees, ...note, at: Date.now() });
    }
    return { prepared, notes: [...archive.warnings, ...notes] };
  } finally {
    await rm(debs, { recursive: true, force: true });
  }
}

function onceFor<K, T>(get: (key: K) => Promise<T>): (key: K) => Promise<T> {
  const known = new Map<K, Promise<T>>();
  return (key) => {
    const value = known.get(key) ?? get(key);
    known.set(key, value);
    return value;
  };
}

const spec = (pkg: Package) => `${pkg.name}=${pkg.version}`;

function treesOf(prepared: Iterable<Prepared>): Set<string> {
  return new Set([...prepared].flatMap(({ trees }) => [trees.kernel, trees.libraries ?? []].flat()));
}

async function load({ choice, trees, librariesNote }: Prepared, options: KernelOptions): Promise<Kernel> {
  const { modules } = JSON.parse(await readFile(join(trees.kernel, "kernel.json"), "utf8"));
  const config = join(trees.kernel, CONFIG);
  const wantsLibraries = options.libraries ?? true;
  const note = [choice.note, wantsLibraries ? librariesNote : undefined].filter(Boolean).join("; ");
  return {
    ...choice,
    arch: options.arch ?? ownArch(),
    ...(note ? { note } : {}),
    vmlinuz: join(trees.kernel, "vmlinuz"),
    ...(existsSync(config) ? { config } : {}),
    modules: modules.map((name: string) => join(trees.kernel, name)),
    ...(trees.libraries === undefined ? {} : { libraries: trees.libraries }),
  };
}
