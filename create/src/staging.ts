import { randomBytes } from "node:crypto";
import type { Stats } from "node:fs";
import { lstat, mkdir, readdir, realpath, rename, rm, rmdir, stat } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Failure } from "../../toolchain/src/base/failure.ts";

/** How the names of staging folders begin. */
const PREFIX = ".create-bpf-app-";

/**
 * The folder in which an app is made. It is a hidden folder on the target's file system, and becomes the target by one
 * rename, so that others see either no app or a complete one. If the target exists and is empty, it may be a mount
 * point or somebody's working directory, so it is not replaced: the hidden folder then lies inside it, and its files
 * are moved up at the end.
 */
export class Staging {
  /** The folder in which the app is made, absolute. */
  readonly folder: string;
  /** The folder that the app will have, absolute. */
  readonly target: string;
  /** Whether the target existed, so that `folder` lies inside it. */
  readonly #inside: boolean;
  /** The topmost of the folders above the target that had to be created. */
  readonly #made: string | undefined;

  constructor(folder: string, target: string, inside: boolean, made: string | undefined) {
    this.folder = folder;
    this.target = target;
    this.#inside = inside;
    this.#made = made;
  }

  /**
   * Checks whether an app can be made at `path`, and creates the staging folder.
   * @throws Failure target-not-empty, target-not-a-folder, target-unwritable
   */
  static async open(path: string): Promise<Staging> {
    const target = await checkTarget(resolve(path));
    try {
      if (target.exists)
        return new Staging(await makeFolder(join(target.path, PREFIX)), target.path, true, undefined);
      const parent = dirname(target.path);
      const made = await mkdir(parent, { recursive: true });
      const folder = await makeFolder(join(parent, `.${basename(target.path)}${PREFIX}`));
      return new Staging(folder, target.path, false, made);
    } catch (error) {
      throw new Failure("create", { kind: "target-unwritable", path: target.path, code: codeOf(error) });
    }
  }

  /**
   * Moves the app to its place. After that, `discard` does nothing.
   * @throws Failure target-not-empty, target-not-a-folder
   */
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

  /** Removes everything that was made. */
  async discard(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
    if (this.#made) await removeEmpty(dirname(this.target), this.#made);
  }
}

/** Like mkdtemp, which would not give the folder the permissions that new folders usually have. */
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
