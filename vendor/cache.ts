import {
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import * as v from "valibot";
import { hashBytes, hashFile } from "../toolchain/src/base/hash.ts";
import { readJson } from "../toolchain/src/base/json.ts";
import type { Download } from "./provenance.ts";

/**
 * The per-user cache of downloads and unpacked trees:
 *
 *     files/SHA256           a download
 *     trees/KEY/files/…      an unpacked tree
 *     trees/KEY/tree.json    the sha256 of each of its files
 *     packages/KEY.json      what a request for a package came to
 *     git/COMMIT.git         a bare repository with this commit alone
 *
 * Everything is put in place by a rename, so that two scaffolds at once cannot see each other's halves, and
 * everything is verified when it is used again.
 */
export class Cache {
  #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  get root(): string {
    return this.#root;
  }

  /** Goes on in another folder, where this one cannot be written. What was in it is not used any more. */
  move(root: string): void {
    this.#root = root;
  }

  /** Gives `work` a folder of its own on the cache's file system, which is removed when the work is over. */
  async inScratch<T>(work: (folder: string) => Promise<T>): Promise<T> {
    await mkdir(this.root, { recursive: true, mode: 0o700 });
    await this.#removeAbandoned();
    const folder = await mkdtemp(join(this.root, "scratch-"));
    try {
      return await work(folder);
    } finally {
      await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    }
  }

  /** What a killed process left a day ago or earlier. */
  async #removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.root)) {
      const path = join(this.root, name);
      const found = name.startsWith("scratch-") && (await stat(path).catch(() => undefined));
      if (found && Date.now() - found.mtimeMs > 86_400_000) await rm(path, { recursive: true, force: true });
    }
  }

  /** What was written under the key, if it has the shape; a damaged entry counts as none. */
  async readPackage<T>(key: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    return readJson(join(this.root, "packages", `${key}.json`), schema, unreadable).catch(() => undefined);
  }

  async writePackage(key: string, value: unknown): Promise<void> {
    await mkdir(join(this.root, "packages"), { recursive: true });
    await this.inScratch(async (scratch) => {
      const path = join(scratch, "package.json");
      await writeFile(path, JSON.stringify(value));
      await rename(path, join(this.root, "packages", `${key}.json`));
    });
  }

  /** Takes a downloaded file over and says what it is. */
  async addFile(path: string, name: string): Promise<Download> {
    const described = await this.describeFile(path);
    await mkdir(join(this.root, "files"), { recursive: true });
    await rename(path, join(this.root, "files", described.sha256));
    return { name, ...described };
  }

  async describeFile(path: string): Promise<Omit<Download, "name">> {
    return { size: (await stat(path)).size, sha256: await hashFile(path) };
  }

  /** The path of a download that is still what it was, or undefined. */
  async findFile(sha256: string): Promise<string | undefined> {
    const path = join(this.root, "files", sha256);
    try {
      return (await hashFile(path)) === sha256 ? path : undefined;
    } catch {
      return undefined;
    }
  }

  /** Where the repository of a commit is, or is to be. */
  repository(commit: string): string {
    return join(this.root, "git", `${commit}.git`);
  }

  /** Takes a bare repository over. If another process was first, its repository stays. */
  async addRepository(commit: string, folder: string): Promise<void> {
    await mkdir(join(this.root, "git"), { recursive: true });
    await rename(folder, this.repository(commit)).catch(() => rm(folder, { recursive: true }));
  }

  /** Takes a folder over as the tree `key`. If another process was first, its tree stays. */
  async addTree(key: string, folder: string): Promise<void> {
    await mkdir(join(this.root, "trees"), { recursive: true });
    await this.inScratch(async (scratch) => {
      const whole = join(scratch, "tree");
      await mkdir(whole);
      await rename(folder, join(whole, "files"));
      await writeFile(join(whole, "tree.json"), JSON.stringify(await describeTree(join(whole, "files"))));
      await rename(whole, join(this.root, "trees", key)).catch(() => {});
    });
  }

  /**
   * Copies the tree to `target`, which does not exist yet, verifying every file.
   *
   * @returns false if there is no such tree or it is damaged; it is then gone from the cache, and so is the copy.
   */
  async copyTree(key: string, target: string): Promise<boolean> {
    const folder = join(this.root, "trees", key);
    try {
      const entries = await readJson(join(folder, "tree.json"), tree, unreadable);
      for (const entry of entries) await copyEntry(entry, join(folder, "files"), target);
      return entries.length > 0;
    } catch (error) {
      await rm(target, { recursive: true, force: true });
      // A full disk below the target says nothing against the tree.
      if (["ENOSPC", "EDQUOT"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
      await rm(folder, { recursive: true, force: true });
      return false;
    }
  }
}

/** A path that stays in its folder. */
const inside = v.pipe(v.string(), v.regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))/));
const tree = v.array(
  v.union([
    v.object({ path: inside, sha256: v.string(), executable: v.boolean() }),
    v.object({ path: inside, link: v.string() }),
  ]),
);
type Tree = v.InferOutput<typeof tree>;
type TreeEntry = Tree[number];

const unreadable = (problem: string) => new Error(problem);

/** The per-user cache: XDG_CACHE_HOME/bpf-app; the specification wants a relative value ignored. */
export function defaultCache(env: NodeJS.ProcessEnv = process.env): string {
  const xdg = env.XDG_CACHE_HOME;
  return join(xdg && isAbsolute(xdg) ? xdg : join(homedir(), ".cache"), "bpf-app", "vendor");
}

async function describeTree(root: string): Promise<Tree> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true });
  const found: Tree = [];
  for (const entry of entries) {
    const path = join(entry.parentPath, entry.name).slice(root.length + 1);
    const full = join(root, path);
    if (entry.isSymbolicLink()) found.push({ path, link: await readlink(full) });
    else if (entry.isFile())
      found.push({ path, sha256: await hashFile(full), executable: ((await stat(full)).mode & 0o111) !== 0 });
  }
  return found.sort((a, b) => (a.path < b.path ? -1 : 1));
}

async function copyEntry(entry: TreeEntry, from: string, to: string): Promise<void> {
  const target = join(to, entry.path);
  await mkdir(dirname(target), { recursive: true });
  if ("link" in entry) return symlink(entry.link, target);
  const bytes = await readFile(join(from, entry.path));
  if (hashBytes(bytes) !== entry.sha256) throw new Error(`${entry.path} was changed`);
  await writeFile(target, bytes, { mode: entry.executable ? 0o755 : 0o644 });
}
