import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { cp, mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { RECIPES, type Recipe } from "./recipe.ts";
import { aptOptions, archives, certificates, giveSurroundings } from "./surroundings.ts";

const run = promisify(execFile);

/** The root file system of a bare machine. Nothing writes to it: a run works on a layer above it. */
export interface Root {
  readonly dir: string;
  /** Installed packages, and Node and npm if they are not Debian's. */
  readonly versions: Readonly<Record<string, string>>;
  /** Sentences for the user about what could not be had, and what serves instead. */
  readonly notes: readonly string[];
}

export function rootsDir(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "create-bpf-app", "test-roots");
}

const DAY = 24 * 3600 * 1000;

/**
 * The root of a recipe. One that was made within a week (a day in CI) is taken as it is; else it is made again with
 * the packages that Debian serves now, and if that fails the old one serves, with a note.
 */
export async function prepareRoot(recipe: Recipe): Promise<Root> {
  const dir = join(rootsDir(), keyOf(recipe));
  const age = await stat(join(dir, "root.json")).then(
    (file) => Date.now() - file.mtimeMs,
    () => undefined,
  );
  if (age !== undefined && age < (process.env.CI ? DAY : 7 * DAY)) return read(dir, []);
  try {
    await make(recipe, dir);
    await prune();
    return await read(dir, []);
  } catch (error) {
    if (age === undefined) throw error;
    const reason = `${recipe.name} could not be made anew (${firstLine(error)}); that of ${Math.floor(age / DAY)} days ago serves.`;
    return read(dir, [reason]);
  }
}

async function read(dir: string, notes: readonly string[]): Promise<Root> {
  const made = JSON.parse(await readFile(join(dir, "root.json"), "utf8")) as Omit<Root, "dir">;
  return { dir: join(dir, "root"), versions: made.versions, notes: [...notes, ...made.notes] };
}

/** The name of a root depends on the files that make it too: when they change, it is made again. */
function keyOf(recipe: Recipe): string {
  const ways = ["root.ts", "surroundings.ts"].map((file) => readFileSync(join(import.meta.dirname, file)));
  const hash = createHash("sha256").update(JSON.stringify([recipe, process.arch, certificates()]));
  for (const way of ways) hash.update(way);
  return `${recipe.name}-${hash.digest("hex").slice(0, 16)}`;
}

async function make(recipe: Recipe, final: string): Promise<void> {
  const staging = `${final}.${process.pid}`;
  const root = join(staging, "root");
  try {
    await mkdir(staging, { recursive: true });
    const notes = await bootstrap(recipe, root, await archives(recipe.suite));
    giveSurroundings(root);
    await run("chroot", [root, "update-ca-certificates"], { env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" } });
    if (recipe.node) await addNode(recipe.node, root, staging);
    const versions = { ...(await installed(root)), ...recipe.node };
    await writeFile(join(staging, "root.json"), JSON.stringify({ versions, notes }, undefined, 1));
    await rm(final, { recursive: true, force: true });
    await rename(staging, final);
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}

/**
 * Debian's minimal system in `root`. Right after a release an archive's lists may name packages that its pool does not
 * have yet: then it is tried without the suites that get changes, which leaves what was released.
 * @param sources lines of a sources.list, the released suite first
 * @returns notes about suites that were left out
 */
export async function bootstrap(
  recipe: Recipe,
  root: string,
  [released, ...changes]: readonly { suite: string; line: string }[],
  make = mmdebstrap,
): Promise<string[]> {
  const sets = [[released!, ...changes], ...changes.map((one) => [released!, one]).reverse(), [released!]];
  const failures: string[] = [];
  for (const set of sets) {
    const suites = set.map((one) => one.suite).join(", ");
    try {
      await make(
        recipe,
        root,
        set.map((one) => one.line),
      );
      return failures.length > 0 ? [...failures, `${recipe.name} was made of ${suites} alone.`] : [];
    } catch (error) {
      failures.push(`${suites}: ${complaints(error)}`);
      await rm(root, { recursive: true, force: true });
    }
  }
  throw new Error(`No ${recipe.name} could be made of what the mirror serves:\n  ${failures.join("\n  ")}`);
}

async function mmdebstrap(recipe: Recipe, root: string, lines: readonly string[]): Promise<void> {
  const options = [
    "--mode=root",
    "--variant=minbase",
    "--format=directory",
    `--include=${recipe.packages.join(",")}`,
    ...aptOptions().map((option) => `--aptopt=${option}`),
    '--aptopt=Acquire::Retries "3";',
  ];
  // Standard input would be taken as another list of archives.
  await run("mmdebstrap", [...options, recipe.suite, root, ...lines], { maxBuffer: 1 << 26 });
}

/** Node and npm out of the npm registry, placed as their own installers place them. */
async function addNode(versions: NonNullable<Recipe["node"]>, root: string, work: string): Promise<void> {
  const node = await unpack(`node-linux-${process.arch}@${versions.node}`, join(work, "node"));
  const npm = await unpack(`npm@${versions.npm}`, join(work, "npm"));
  const local = join(root, "usr/local");
  await cp(join(node, "bin/node"), join(local, "bin/node"));
  await mkdir(join(local, "lib/node_modules"), { recursive: true });
  await cp(npm, join(local, "lib/node_modules/npm"), { recursive: true });
  for (const name of ["npm", "npx"])
    await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(local, "bin", name));
  for (const folder of ["node", "npm"]) await rm(join(work, folder), { recursive: true });
}

/** Unpacks a package of the npm registry; npm has checked its hash. Returns its folder. */
async function unpack(spec: string, into: string): Promise<string> {
  await mkdir(into, { recursive: true });
  const { stdout } = await run("npm", ["pack", "--silent", "--pack-destination", into, spec], { cwd: into });
  await run("tar", ["-xzf", join(into, stdout.trim()), "-C", into]);
  return join(into, "package");
}

async function installed(root: string): Promise<Record<string, string>> {
  const status = await readFile(join(root, "var/lib/dpkg/status"), "utf8");
  return Object.fromEntries(
    [...status.matchAll(/^Package: (\S+)\n(?:.+\n)*?Version: (\S+)$/gm)].map((match) => [match[1], match[2]]),
  );
}

/** Removes roots of other recipes that are not young enough to be of another run's. */
async function prune(): Promise<void> {
  const keep = new Set(RECIPES.map(keyOf));
  for (const name of await readdir(rootsDir())) {
    const path = join(rootsDir(), name);
    if (keep.has(name) || Date.now() - (await stat(path)).mtimeMs < DAY || !existsSync(path)) continue;
    await rm(path, { recursive: true, force: true });
  }
}

/** What apt says of a failure, which mmdebstrap prints among much else. */
function complaints(error: unknown): string {
  const text = `${(error as { stderr?: string }).stderr ?? ""}`;
  const lines = text.split("\n").filter((line) => /^(?:E|Err):/.test(line));
  return lines.length > 0 ? [...new Set(lines)].join("; ") : firstLine(error);
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split("\n")[0]!;
}
