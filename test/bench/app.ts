import { spawnSync } from "node:child_process";
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { ROOT } from "../root.ts";

/** Scaffolds an app of these sources, with the packages as they are now, and builds it. */
export function appOf(app: string, sources: readonly string[]): void {
  for (const part of ["toolchain", "create"]) run(ROOT, [process.execPath, join(ROOT, part, "build.mjs")]);
  const flags = ["--template", "minimal", "--vendor", "pool,index", "--no-git", "--yes"];
  run(ROOT, [process.execPath, join(ROOT, "create/dist/main.js"), app, ...flags]);
  for (const name of readdirSync(join(app, "src"))) rmSync(join(app, "src", name));
  for (const source of sources) copyFileSync(source, join(app, "src", basename(source)));
  run(app, ["npm", "run", "build"]);
}

/**
 * Runs a program and returns what it printed.
 *
 * @throws Error with all that it said, if it fails
 */
export function run(cwd: string, [program = "", ...args]: readonly string[], env = process.env): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  if (status !== 0)
    throw new Error(`${program} ${args.join(" ")} failed:\n${stdout}${stderr}`, { cause: error });
  return stdout;
}
