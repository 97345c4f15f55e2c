import { existsSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { discover } from "../config/discover.ts";
import { terminal } from "../report/terminal.ts";

/** Removes .output, compile_commands.json and the executables of the app's programs; whatever else dist holds stays. */
export async function clean(root: string): Promise<number> {
  if (!existsSync(join(root, "package.json"))) throw new Failure({ kind: "not-an-app", root });
  const { targets } = discover(root);
  const files = [".output", "compile_commands.json", ...targets.map((target) => `dist/${target.name}`)];
  for (const file of files.filter((f) => existsSync(join(root, f)))) {
    terminal.out(`  CLEAN    ${file}\n`);
    rmSync(join(root, file), { recursive: true, force: true });
  }
  const dist = join(root, "dist");
  if (existsSync(dist) && readdirSync(dist).length === 0) rmdirSync(dist);
  return 0;
}
