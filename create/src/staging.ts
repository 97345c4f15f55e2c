import { randomBytes } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { type Moved, merge, moveBack } from "./merge.ts";
import { codeOf, inspectTarget, refuseUnwelcome, type Target } from "./target.ts";

/** How the names of staging folders begin. They say nothing of the target, whose name may be as long as names can be. */
const PREFIX = ".create-bpf-app-";

/**
 * The folder in which an app is made. It is a hidden folder on the target's file system, and becomes the target by one
 * rename, so that others see either no app or a complete one. If the target exists, it may be a mount point, a
 * repository or somebody's working directory, so it is not replaced: the hidden folder then lies inside it, and its
 * files are moved up at the end, beside those that are there.
 */
export class Staging {
  /** The folder in which the app is made, absolute. */
  readonly folder: string;
  /** The folder that the app will have, absolute. */
  readonly target: string;
  /** Set if the target existed, so that `folder` lies inside it. */
  readonly #found: Target | undefined;
  /** Whether files of any kind may be in the target. */
  readonly #force: boolean;
  /** The topmost of the folders above the target that had to be created. */
  readonly #made: string | undefined;

  private constructor(
    folder: string,
    target: string,
    found: Target | undefined,
    force: boolean,
    made: string | undefined,
  ) {
    this.folder = folder;
    this.target = target;
    this.#found = found;
    this.#force = force;
    this.#made = made;
  }

  /**
   * Checks whether an app can be made at `path`, and creates the staging folder.
   *
   * @param force whether any files may be in the target
   * @throws Failure target-not-empty, target-not-a-folder, target-unwritable
   */
  static async open(path: string, force = false): Promise<Staging> {
    const target = inspectTarget(resolve(path), force);
    let made: string | undefined;
    try {
      if (target.exists)
        return new Staging(
          await makeFolder(join(target.path, PREFIX)),
          target.path,
          target,
          force,
          undefined,
        );
      const parent = dirname(target.path);
      made = await mkdir(parent, { recursive: true });
      return new Staging(await makeFolder(join(parent, PREFIX)), target.path, undefined, force, made);
    } catch (error) {
      if (made) await removeEmpty(dirname(target.path), made);
      throw new Failure("create", { kind: "target-unwritable", path: target.path, code: codeOf(error) });
    }
  }

  /**
   * Moves the app to its place. After that, `discard` does nothing.
   *
   * @param finish what is still to be done there; if it fails, everything is moved back
   * @returns the files that were there already and stayed as they are, relative to the target
   * @throws Failure target-not-empty, target-not-a-folder, target-in-the-way
   */
  async commit(finish: () => Promise<void> = async () => {}): Promise<readonly string[]> {
    if (this.#found) return this.#moveUp(this.#found, finish);
    try {
      await rename(this.folder, this.target);
    } catch (error) {
      inspectTarget(this.target, false);
      if (codeOf(error) === "ENOTEMPTY" || codeOf(error) === "EEXIST") {
        const found = (await readdir(this.target)).join(", ");
        throw new Failure("create", { kind: "target-not-empty", path: this.target, found });
      }
      throw error;
    }
    try {
      await finish();
      return [];
    } catch (error) {
      await rename(this.target, this.folder);
      throw error;
    }
  }

  async #moveUp(found: Target, finish: () => Promise<void>): Promise<readonly string[]> {
    const own = basename(this.folder);
    const names = (await readdir(this.target)).filter((name) => name !== own);
    // What was there when the work began was welcome then; the rest has come in the meantime.
    const fresh = names.filter((name) => !found.names.includes(name));
    refuseUnwelcome(this.target, fresh, this.#force);
    const moved: Moved[] = [];
    try {
      const kept = await merge(this.folder, this.target, moved);
      await finish();
      await this.#removeFolder();
      return kept;
    } catch (error) {
      await moveBack(moved);
      throw error;
    }
  }

  /** Removes everything that was made. */
  async discard(): Promise<void> {
    await this.#removeFolder();
    if (this.#made) await removeEmpty(dirname(this.target), this.#made);
  }

  async #removeFolder(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 });
  }
}

/** Like mkdtemp, which would not give the folder the permissions that new folders usually have. */
async function makeFolder(path: string): Promise<string> {
  const folder = path + randomBytes(4).toString("hex");
  await mkdir(folder);
  return folder;
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
