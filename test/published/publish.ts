import { execFile } from "node:child_process";
import { cpSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Forge } from "../forge/forge.ts";
import { copyCheckout } from "../fresh/checkout.ts";
import { ROOT } from "../root.ts";
import type { Registry } from "./registry.ts";

const run = promisify(execFile);

/**
 * Publishes both packages as .github/workflows/release.yml does, out of a copy of the checkout in `dir` whose pins name
 * the forge's commits. Only here can git reach that forge.
 * @returns what was printed
 */
export async function publish(
  dir: string,
  registry: Registry,
  forge: Pick<Forge, "pins" | "env">,
): Promise<string> {
  const copy = join(dir, "checkout");
  copyCheckout(copy);
  cpSync(forge.pins, join(copy, "vendor/pins.json"));
  symlinkSync(join(ROOT, "node_modules"), join(copy, "node_modules"));
  const npmrc = join(dir, "publisher.npmrc");
  writeFileSync(npmrc, registry.npmrc);
  const env = {
    ...process.env,
    ...forge.env,
    npm_config_userconfig: npmrc,
    // What was fetched earlier from the real forge is not what these pins name.
    XDG_CACHE_HOME: join(dir, "cache"),
  };
  // The forge is served by this process, which therefore must not wait.
  const npm = async (...args: string[]) => {
    const { stdout, stderr } = await run("npm", args, { cwd: copy, env, maxBuffer: 1 << 26 });
    return stdout + stderr;
  };
  await npm("run", "build");
  // Only a public CI can give provenance, and this is none.
  let said = "";
  for (const folder of ["toolchain", "create"])
    said += await npm("publish", "--workspace", folder, "--provenance=false");
  return said;
}
