import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Failure } from "../../toolchain/src/base/failure.ts";

/**
 * An app in the making. It grows in a hidden folder on the target's file system and takes the target's place in one
 * rename, so that whoever looks sees no app or a whole one. A target that exists and is empty stays the folder it is
 * (it may be a mount point or somebody's working directory): the app grows inside it and its parts are moved up.
 */
export class Staging {
  /** Where to write. */
  readonly folder: string;
  readonly target: string;
  /** The target existed, empty, and the folder is inside it. */
  readonly #inside: boolean;
  /** The topmost folder above the target that was made for it. */
  readonly #made: string | undefined;

  constructor(folder: string, target: string, inside: boolean, made: string | undefined) {
    this.folder = folder;
    this.target = target;
    this.#inside = inside;
    this.#made = made;
  }

  /** @throws Failure target-not-empty, target-not-a-folder, target-unwritable */
  static async open(path: string): Promise<Staging> {
    const target = await checkTarget(resolve(path));
    try {
      if (target.exists)
        return new Staging(await makeFolder(join(target.path, prefix)), target.path, true, undefined);
      const parent = dirname(target.path);
      const made = await mkdir(parent, { recursive: true });
      const folder = await makeFolder(join(parent, `.${basename(target.path)}${prefix}`));
      return new Staging(folder, target.path, false, made);
    } catch (error) {
      throw new Failure("create", { kind: "target-unwritable", path: target.path, code: codeOf(error) });
    }
  }

  /** Puts the app into its place. After this, `discard` has nothing to do. */
  async commit(): Promise<void> {
    if (this.#inside) return this.#moveUp();
    try {
      await rename(this.folder, this.target);
    } catch (error) {
      await checkTarget(this.target);
      throw error;
    }
  }

  async #moveUp(): Promise<void> {
    const own = basename(this.folder);
    const others = (await readdir(this.target)).filter((name) => name !== own);
    if (others.length > 0) throw notEmpty(this.target, others);
    const moved: string[] = [];
    try {
      for (const name of await readdir(this.folder)) {
        await rename(join(this.folder, name), join(this.target, name));
        moved.push(name);
      }
      await rmdir(this.folder);
    } catch (error) {
      for (const name of moved) await rename(join(this.target, name), join(this.folder, name));
      throw error;
    }
  }

  /** Removes every trace. */
  async discard(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    if (this.#made) await removeEmpty(dirname(this.target), this.#made);
  }
}

const prefix = ".create-bpf-app-";

/** As but with the permissions that any new folder has. */
async function makeFolder(path: string): Promise<string> {
  const folder = path + randomBytes(4).toString("hex");
  await mkdir(folder);
  return folder;
}

async function checkTarget(path: string): Promise<{ path: string; exists: boolean }> {
  const link = await status(() => lstat(path));
  if (!link) return { path, exists: false };
  const found = await status(() => stat(path));
  if (!found) throw new Failure("create", { kind: "target-not-a-folder", path, found: "dangling symlink" });
  if (!found.isDirectory()) throw new Failure("create", { kind: "target-not-a-folder", path, found: "file" });
  const names = await readdir(path);
  if (names.length > 0) throw notEmpty(path, names);
  return { path: await realpath(path), exists: true };
}

async function status(ask: () => Promise<Stats>): Promise<Stats | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (codeOf(error) === "ENOENT") return undefined;
    if (codeOf(error) === "ENOTDIR") return undefined;
    throw error;
  }
}

function notEmpty(path: string, names: readonly string[]): Failure<"create"> {
  const shown = [...names].sort().slice(0, 3).join(", ");
  const found = names.length > 3 ? `${shown} and ${names.length - 3} more` : shown;
  return new Failure("create", { kind: "target-not-empty", path, found });
}

async function removeEmpty(from: string, upTo: string): Promise<void> {
  for (let folder = from; folder.startsWith(upTo); folder = dirname(folder)) {
    try {
      await rmdir(folder);
    } catch {
      return;
    }
  }
}

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? String(error);
}
