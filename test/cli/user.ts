// bpf-app as a user who is not root sees it, also where the tests are root's.
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, constants, copyFileSync, cpSync, lchownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { folderWith } from "../app.ts";
import { HUNG_AFTER_MS } from "../hung.ts";
import { ROOT } from "../root.ts";
import { CLI, PLAIN, type Said } from "./run.ts";

/** Debian's user and group `nobody`. */
const NOBODY = 65_534;

export const isRoot = process.getuid?.() === 0;

/**
 * The checkout may lie where nobody else may look, so that root's tests give the user copies. They are made here and not
 * in a test, with which they would go.
 */
const { node: NODE, cli: USERS_CLI } = isRoot ? copies() : { node: process.execPath, cli: CLI };

function copies(): { readonly node: string; readonly cli: string } {
  // bpf-app looks for its own package and for node-addon-api, which no build here comes to use.
  const folder = folderWith({
    "package.json": `{ "type": "module" }`,
    "node_modules/node-addon-api/package.json": "{}",
  });
  const node = join(folder, "node");
  copyFileSync(process.execPath, node, constants.COPYFILE_FICLONE);
  chmodSync(node, 0o755);
  chmodSync(folder, 0o755);
  cpSync(join(ROOT, "toolchain/dist"), join(folder, "dist"), { recursive: true });
  return { node, cli: join(folder, "dist/cli.js") };
}

/** Gives a folder and all that is in it to the user. */
export function give(path: string): void {
  if (!isRoot) return;
  chownSync(path, NOBODY, NOBODY);
  for (const entry of readdirSync(path, { recursive: true, withFileTypes: true }))
    lchownSync(join(entry.parentPath, entry.name), NOBODY, NOBODY);
}

/** Runs `bpf-app ARGS` as the user, to its end. */
export function asUser(cwd: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Said {
  const { status, stdout, stderr } = spawnSync(NODE, [USERS_CLI, ...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...PLAIN, HOME: "/nonexistent", ...env },
    timeout: HUNG_AFTER_MS,
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  return { status, stdout, stderr };
}
