import { lstatSync, readdirSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { quote } from "shlex";
import type { Wording } from "./wording.ts";

/**
 * The files and folders in an app that belong to root, if that is why this user may not use `path`: a command that is
 * run with sudo leaves them.
 * @returns their names in the app's folder, "." for that itself; empty if this user is root, or if the file belongs to somebody else
 */
export function ownedByRoot(root: string, path: string): string[] {
  const file = resolve(root, path);
  const inside = relative(root, file);
  if (process.getuid?.() === 0 || inside.startsWith("..") || !isRoots(nearestThere(file))) return [];
  if (isRoots(root)) return ["."];
  const [top = ""] = inside.split("/");
  const others = entries(root).filter((name) => isRoots(join(root, name)));
  return [...new Set([...(top === "" ? [] : [top]), ...others])].filter(
    (name) => lstatSync(join(root, name), { throwIfNoEntry: false }) !== undefined,
  );
}

/** A file that is not there could not be made in the folder in which it belongs. */
function nearestThere(file: string): string {
  for (let at = file; ; at = dirname(at)) if (isThere(at) || at === dirname(at)) return at;
}

function isThere(file: string): boolean {
  try {
    return lstatSync(file, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function isRoots(file: string): boolean {
  try {
    return lstatSync(file).uid === 0;
  } catch {
    return false;
  }
}

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch {
    return [];
  }
}

/** Why a file may not be used, and what to do. `rootOwned` is what `ownedByRoot` has found. */
export function permissionWords(rootOwned: readonly string[]): Pick<Wording, "why" | "next"> {
  if (rootOwned.length === 0)
    return {
      next: "See who owns it and what its owner has allowed (`ls -ld`), correct that, and give the command again.",
    };
  return {
    why: `${rootOwned[0] === "." ? "The app's folder" : rootOwned.join(", ")} ${rootOwned.length === 1 ? "belongs" : "belong"} to root, as what a command makes that is run with sudo.`,
    next: `In the app's folder, take it back, and give the command again: sudo chown -R "$(id -u):$(id -g)" ${rootOwned.map(quote).join(" ")}`,
  };
}
