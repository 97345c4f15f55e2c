import { existsSync, lstatSync, readlinkSync } from "node:fs";
import { dirname, relative } from "node:path";
import { Failure } from "../base/failure.ts";
import { ownedByRoot } from "../base/owner.ts";

/**
 * Turns an error of the operating system that no layer has met into a failure: what it refuses is no fault of ours. Any
 * other error is returned as it is, and so is ENOENT unless a link of the user's leads nowhere: that a file is missing
 * on which we count may well be our fault.
 */
export function asCliFailure(error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error)) return error;
  const { code, syscall, path } = error as NodeJS.ErrnoException;
  if (code === undefined || syscall === undefined) return error;
  if (code === "ENOENT") return (path && danglingLink(path)) || error;
  const rootOwned = path === undefined ? [] : ownedByRoot(folder(), path);
  return new Failure("cli", { kind: "system", code, path: path && shown(path), rootOwned }, { cause: error });
}

/** The failure that says which link on the way to a path leads nowhere; undefined if none does. */
function danglingLink(path: string): Failure<"cli"> | undefined {
  for (let at = path; at !== dirname(at); at = dirname(at)) {
    const stat = lstatSync(at, { throwIfNoEntry: false });
    if (stat?.isSymbolicLink() && !existsSync(at))
      return new Failure("cli", { kind: "dangling-link", link: shown(at), target: readlinkSync(at) });
  }
  return undefined;
}

/** A path in the app is printed relative to the app's folder. */
function shown(path: string): string {
  const near = relative(folder(), path);
  return near === "" || near.startsWith("..") ? path : near;
}

/** The app's folder, or the one in which the command was given. */
function folder(): string {
  try {
    return process.cwd();
  } catch {
    return "/";
  }
}
