import { spawn } from "node:child_process";
import { join } from "node:path";
import { after } from "node:test";
import { folderWith } from "../app.ts";
import { type Forge, makeForge } from "../forge/forge.ts";
import { STAND_INS } from "../forge/trees.ts";
import { MAIN } from "../mains.ts";

// The command as a user starts it, with a forge of its own.

export { MAIN };

export const forge = await makeForge(folderWith({}), { libbpf: STAND_INS.libbpf!, zlib: STAND_INS.zlib! });
after(() => forge.stop());

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

interface Surroundings {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  /** It is called once something has been written to stdout. */
  readonly started?: (pid: number) => void;
}

/** The environment of somebody without a name, whose git knows nothing but the way to the forge. */
export function strangers(from: Forge = forge): Record<string, string> {
  const home = folderWith({});
  return {
    ...from.env,
    PATH: process.env.PATH!,
    HOME: home,
    XDG_CACHE_HOME: join(home, "cache"),
    GIT_CONFIG_NOSYSTEM: "1",
  };
}

export const identity = {
  GIT_AUTHOR_NAME: "Ada",
  GIT_AUTHOR_EMAIL: "ada@example.org",
  GIT_COMMITTER_NAME: "Ada",
  GIT_COMMITTER_EMAIL: "ada@example.org",
};

export function create(
  args: readonly string[],
  { cwd, env = strangers(), started }: Surroundings,
): Promise<Run> {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => {
    output.stdout += data;
    started?.(child.pid!);
  });
  child.stderr.on("data", (data) => {
    output.stderr += data;
  });
  return new Promise((resolve) => child.on("close", (code) => resolve({ code, ...output })));
}

/** What keeps the registry and the real forge out of a test. */
export const offline = [
  "--no-install",
  "--toolchain",
  "0.1.0",
  "--vendor",
  "git",
  "--pins",
  forge.pins,
] as const;
