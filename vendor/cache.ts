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
import { dirname, join } from "node:path";
import * as v from "valibot";
import { hashBytes, hashFile } from "../toolchain/src/base/hash.ts";
import { readJson } from "../toolchain/src/base/json.ts";
import { userCache } from "../toolchain/src/base/user-cache.ts";
import type { Download } from "./provenance.ts";

/**
 * The user's cache of downloads and unpacked trees:
 *
 *     files/SHA256           a download
 *     trees/KEY/files/…      an unpacked tree
 *     trees/KEY/tree.json    the sha256 of each of its files
 *     packages/KEY.json      the answer to a request for a package
 *     git/COMMIT.git         a bare repository with only this commit
 *
 * Everything is put in its place by a rename, so that two processes never see unfinished work of each other.
 * Everything is verified when it is used again.
 */
export class Cache {
  #root: string;

  constructor(root: string) {
    this.#root = root;
  }

  get root(): string {
    return this.#root;
  }

  /** Moves to another folder, if this one cannot be written. The files in this one are not used any more. */
  move(root: string): void {
    this.#root = root;
  }

  /** Gives `work` an empty folder on the cache's file system, and removes that folder when the work has ended. */
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

  /** Removes the folders that killed processes have left behind, if they are at least a day old. */
  async #removeAbandoned(): Promise<void> {
    for (const name of await readdir(this.root)) {
      const path = join(this.root, name);
      const found = name.startsWith("scratch-") && (await stat(path).catch(() => undefined));
      if (found && Date.now() - found.mtimeMs > 86_400_000) await rm(path, { recursive: true, force: true });
    }
  }

  /** Reads what `writePackage` has written under this key. Undefined if there is nothing of this shape. */
  async readPackage<T>(key: string, schema: v.GenericSchema<unknown, T>): Promise<T | undefined> {
    return readJson(join(this.root, "packages", `${key}.json`), schema, unreadable).catch(() => undefined);
  }

  /** Writes the answer to a request for a package. */
  async writePackage(key: string, value: unknown): Promise<void> {
    await mkdir(join(this.root, "packages"), { recursive: true });
    await this.inScratch(async (scratch) => {
      const path = join(scratch, "package.json");
      await writeFile(path, JSON.stringify(value));
      await rename(path, join(this.root, "packages", `${key}.json`));
    });
  }

  /** Moves a downloaded file into the cache, and describes it. */
  async addFile(path: string, name: string): Promise<Download> {
    const described = await this.describeFile(path);
    await mkdir(join(this.root, "files"), { recursive: true });
    await rename(path, join(this.root, "files", described.sha256));
    return { name, ...described };
  }

  async describeFile(path: string): Promise<Omit<Download, "name">> {
    return { size: (await stat(path)).size, sha256: await hashFile(path) };
  }

  /** The path of a download, or undefined if the cache does not have it or it is damaged. */
  async findFile(sha256: string): Promise<string | undefined> {
    const path = join(this.root, "files", sha256);
    try {
      return (await hashFile(path)) === sha256 ? path : undefined;
    } catch {
      return undefined;
    }
  }

  /** The path of the repository for a commit, whether it exists or not. */
  repository(commit: string): string {
    return join(this.root, "git", `${commit}.git`);
  }

  /** Moves a bare repository into the cache. If another process was first, its repository stays. */
  async addRepository(commit: string, folder: string): Promise<void> {
    await mkdir(join(this.root, "git"), { recursive: true });
    await rename(folder, this.repository(commit)).catch(() => rm(folder, { recursive: true }));
  }

  /** Moves a folder into the cache as the tree `key`. If another process was first, its tree stays. */
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
   * Copies the tree `key` to `target`, which must not exist, and verifies every file.
   *
   * @returns false if there is no such tree, or if it is damaged; then the tree and its copy are removed
   */
  async copyTree(key: string, target: string): Promise<boolean> {
    const folder = join(this.root, "trees", key);
    try {
      const entries = await readJson(join(folder, "tree.json"), tree, unreadable);
      for (const entry of entries) await copyEntry(entry, join(folder, "files"), target);
      return entries.length > 0;
    } catch (error) {
      await rm(target, { recursive: true, force: true });
      // If the target's disk is full, the tree may still be in order.
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

/** The folder of the user's cache that holds vendored sources. */
export function defaultCache(): string {
  return userCache("vendor");
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
