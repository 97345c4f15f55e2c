// bpf-app as a user who is not root sees it, also where the tests are root's.
import { spawnSync } from "node:child_process";
import { chmodSync, chownSync, constants, copyFileSync, cpSync, lchownSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { folderWith } from "../app.ts";
import { ROOT } from "../root.ts";
import { CLI, PLAIN, type Said } from "./run.ts";

/** Debian's user and group `nobody`. */
const NOBODY = 65_534;

export const isRoot = process.getuid?.() === 0;

let copy: { readonly node: string; readonly cli: string } | undefined;

/** The checkout may lie where nobody else may look, so that root's tests give the user copies. */
function commands(): { readonly node: string; readonly cli: string } {
  if (!isRoot) return { node: process.execPath, cli: CLI };
  if (copy) return copy;
  const folder = folderWith({});
  copy = { node: join(folder, "node"), cli: join(folder, "dist/cli.js") };
  copyFileSync(process.execPath, copy.node, constants.COPYFILE_FICLONE);
  chmodSync(copy.node, 0o755);
  chmodSync(folder, 0o755);
  cpSync(join(ROOT, "toolchain/dist"), join(folder, "dist"), { recursive: true });
  return copy;
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
  const { node, cli } = commands();
  const { status, stdout, stderr } = spawnSync(node, [cli, ...args], {
    cwd,
    encoding: "utf8",
    env: { ...process.env, ...PLAIN, HOME: "/nonexistent", ...env },
    timeout: 60_000,
    ...(isRoot ? { uid: NOBODY, gid: NOBODY } : {}),
  });
  return { status, stdout, stderr };
}
