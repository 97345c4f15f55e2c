import { existsSync, lstatSync, readdirSync, rmdirSync } from "node:fs";
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { isApp, kernelSides } from "../config/find-app.ts";
import { COMPILE_COMMANDS } from "../plan/compile-commands.ts";
import { DIST, executables, OUTPUT } from "../plan/inputs.ts";
import { madeFiles } from "../run/index.ts";

/**
 * Removes .output, compile_commands.json and the executables that builds have made: those of the app's programs, and
 * those of programs that are gone, which the records of the builds know. Other files in dist stay. Neither the sources nor
 * the configuration are read, so that an app can be cleaned in which they are broken.
 * @returns the paths that were removed, relative to the app
 * @throws Failure not-an-app; and errors of the operating system
 */
export async function clean(root: string): Promise<string[]> {
  if (!isApp(root)) throw new Failure("config", { kind: "not-an-app", root });
  const own = kernelSides(root).filter((name) => existsSync(join(root, `src/${name}.ts`)));
  const gone = madeFiles(root).filter((path) => path.startsWith(`${DIST}/`));
  const files = new Set([...own.flatMap(executables), ...gone]);
  // The records go last: what a clean that fails has left is still known to the next one.
  const made = [...[...files].sort(), COMPILE_COMMANDS, OUTPUT];
  const there = made.filter((file) => lstatSync(join(root, file), { throwIfNoEntry: false }));
  // Node's rmSync has no code for some errors, as that of a file system that is read-only.
  for (const file of there) await rm(join(root, file), { recursive: true, force: true });
  const dist = join(root, DIST);
  if (existsSync(dist) && readdirSync(dist).length === 0) rmdirSync(dist);
  return there;
}
