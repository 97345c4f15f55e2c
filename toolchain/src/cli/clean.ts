import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { discover } from "../config/discover.ts";
import { requireApp } from "../config/load.ts";
import { COMPILE_COMMANDS } from "../plan/compile-commands.ts";
import { DIST, OUTPUT } from "../plan/inputs.ts";

/**
 * Removes .output, compile_commands.json and the executables of the app's programs. Other files in dist stay.
 * @returns the paths that were removed, relative to the app
 * @throws Failure not-an-app; and what `discover` throws
 */
export async function clean(root: string): Promise<string[]> {
  requireApp(root);
  const { targets } = discover(root);
  const made = [OUTPUT, COMPILE_COMMANDS, ...targets.map((target) => `${DIST}/${target.name}`)];
  const files = made.filter((file) => existsSync(join(root, file)));
  for (const file of files) rmSync(join(root, file), { recursive: true, force: true });
  const dist = join(root, DIST);
  if (existsSync(dist) && readdirSync(dist).length === 0) rmdirSync(dist);
  return files;
}
