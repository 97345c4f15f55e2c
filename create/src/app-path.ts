import { resolve, sep } from "node:path";
import { unbuildablePath } from "../../toolchain/src/base/app-path.ts";
import { Failure } from "../../toolchain/src/base/failure.ts";
import type { NameProblem } from "./failures.ts";

/** The most bytes that Linux allows in one name of a path (NAME_MAX). */
const NAME_BYTES = 255;
/** The most bytes that a path given to the kernel has (PATH_MAX, less the NUL), less what an app's own paths take. */
const PATH_BYTES = 4095 - 400;

/**
 * The absolute path of an app that a person has called `dir`.
 * @throws Failure name-unusable if nothing can be built, installed or run there
 */
export function appPath(dir: string): string {
  const path = resolve(dir);
  const why = problem(path);
  if (why) throw new Failure("create", { kind: "name-unusable", path, why });
  return path;
}

function problem(path: string): NameProblem | undefined {
  // What is not UTF-8 in a command line arrives as U+FFFD, and half a surrogate pair would be written as one.
  if (!path.isWellFormed() || path.includes("\ufffd")) return { is: "not-text" };
  // npm puts node_modules/.bin into PATH, in which a colon separates folders; Node refuses a module whose URL has %5C.
  const unrunnable = /[:\\]/.exec(path)?.[0];
  if (unrunnable !== undefined) return { is: "unrunnable", character: unrunnable };
  const character = unbuildablePath(path);
  if (character !== undefined) return { is: "unbuildable", character };
  const names = path.split(sep);
  for (const name of names) {
    const bytes = Buffer.byteLength(name);
    if (bytes > NAME_BYTES) return { is: "too-long", bytes, most: NAME_BYTES, of: "name" };
  }
  const bytes = Buffer.byteLength(path);
  if (bytes > PATH_BYTES) return { is: "too-long", bytes, most: PATH_BYTES, of: "path" };
  // Node strips no types from files below a node_modules, and tsc leaves them out.
  if (names.includes("node_modules")) return { is: "in-node-modules" };
  return undefined;
}
