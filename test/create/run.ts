import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { type AddressInfo, createServer } from "node:net";
import { join } from "node:path";
import { after } from "node:test";
import { folderWith } from "../app.ts";
import { type Forge, makeForge, redirect } from "../forge/forge.ts";
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

export function create(args: readonly string[], surroundings: Surroundings): Promise<Run> {
  return start(args, surroundings).ended;
}

/**
 * Runs the command with a forge that answers nobody, and sends the signal to the command once its git has connected.
 */
export async function signalledWhileGitWaits(
  signal: "SIGINT" | "SIGTERM",
  args: readonly string[],
  cwd: string,
): Promise<Run> {
  // By the child and not by its number: number 0, which one that is not known yet is easily taken for, is the whole
  // process group, with the test runner and all that has started it.
  let child: ChildProcess | undefined;
  let sent = 0;
  const silent = createServer(() => {
    if (child?.kill(signal)) sent++;
  });
  await once(silent.listen(0, "127.0.0.1"), "listening");
  const env = { ...strangers(), ...redirect((silent.address() as AddressInfo).port) };
  const started = start(args, { cwd, env });
  child = started.child;
  const run = await started.ended;
  silent.close();
  assert.ok(sent > 0, "no git has connected");
  return run;
}

function start(args: readonly string[], { cwd, env = strangers() }: Surroundings) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (data) => {
    output.stdout += data;
  });
  child.stderr.on("data", (data) => {
    output.stderr += data;
  });
  const ended = new Promise<Run>((resolve) => child.on("close", (code) => resolve({ code, ...output })));
  return { child, ended };
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
