import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { discover } from "../config/discover.ts";

/**
 * Removes .output, compile_commands.json and the executables of the app's programs. Other files in dist stay.
 * @returns the paths that were removed, relative to the app
 * @throws Failure not-an-app; and what `discover` throws
 */
export async function clean(root: string): Promise<string[]> {
  if (!existsSync(join(root, "package.json"))) throw new Failure("config", { kind: "not-an-app", root });
  const { targets } = discover(root);
  const made = [".output", "compile_commands.json", ...targets.map((target) => `dist/${target.name}`)];
  const files = made.filter((file) => existsSync(join(root, file)));
  for (const file of files) rmSync(join(root, file), { recursive: true, force: true });
  const dist = join(root, "dist");
  if (existsSync(dist) && readdirSync(dist).length === 0) rmdirSync(dist);
  return files;
}
