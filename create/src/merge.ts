import { link, lstat, readdir, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { codeOf } from "./target.ts";

/** A file or a folder that has been moved. */
export interface Moved {
  readonly from: string;
  readonly to: string;
}

/**
 * Moves what lies in `from` to `to`, beside what is there. A file that is there stays; a folder that is there gets what it
 * lacks.
 *
 * @param moved receives every move at once, so that `moveBack` can undo what an error has interrupted
 * @returns the files that were there, relative to `to`
 * @throws Failure target-in-the-way
 */
export async function merge(from: string, to: string, moved: Moved[], at = ""): Promise<string[]> {
  const kept: string[] = [];
  for (const entry of await readdir(from, { withFileTypes: true })) {
    const name = join(at, entry.name);
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    const there = await lstat(target).catch(() => undefined);
    if (there && there.isDirectory() !== entry.isDirectory())
      throw new Failure("create", {
        kind: "target-in-the-way",
        path: target,
        wanted: entry.isDirectory() ? "folder" : "file",
      });
    if (there?.isDirectory()) kept.push(...(await merge(source, target, moved, name)));
    else if (there || !(await move(source, target, entry.isFile()))) kept.push(name);
    else moved.push({ from: source, to: target });
  }
  return kept;
}

/** Undoes moves. */
export async function moveBack(moved: readonly Moved[]): Promise<void> {
  for (const { from, to } of [...moved].reverse()) await rename(to, from);
}

/**
 * Moves one thing, and overwrites no file even if that has appeared at this moment: a link, unlike a rename, fails then.
 * @returns false if there is a file
 */
async function move(from: string, to: string, file: boolean): Promise<boolean> {
  if (!file) {
    await rename(from, to);
    return true;
  }
  try {
    await link(from, to);
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    // The file system has no hard links.
    await rename(from, to);
    return true;
  }
  await unlink(from);
  return true;
}
