import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { Failure } from "../base/failure.ts";
import { installOfProgram } from "../base/packages.ts";
import { replaceFile } from "../base/replace-file.ts";
import { which } from "../base/which.ts";
import { capabilitiesIn } from "../facts/process-status.ts";
import { output } from "../plan/inputs.ts";
import type { SkeletonJob } from "../verdict/protocol.ts";
import { statusOf } from "./app-process.ts";
import { type Found, readAnswers, runnerFile } from "./check-runner.ts";
import type { Prepared } from "./prepare.ts";

/**
 * Loads the programs into this machine's kernel: by a process of this user if that has the privileges, otherwise through
 * sudo, as `start` does.
 * @throws Failure check-needs-root, app-not-started, check-not-run
 */
export async function checkHere(
  { config, host }: Prepared,
  skeletons: readonly SkeletonJob[],
): Promise<Found> {
  const { root } = config;
  const file = join(root, output(`check.${process.pid}.json`));
  replaceFile(file, JSON.stringify({ root, skeletons }));
  try {
    const node = resolve(root, host.node.executable);
    const [program = "", ...args] = privileged([node, runnerFile(), file]);
    // sudo asks for the password at the terminal, and says there what is wrong.
    const child = spawn(program, args, { cwd: root, stdio: ["inherit", "pipe", "inherit"] });
    const written = text(child.stdout);
    const status = await statusOf(child, program);
    return readAnswers({ stdout: await written, stderr: "", ended: status });
  } finally {
    rmSync(file, { force: true });
  }
}

/** @throws Failure check-needs-root */
function privileged(command: readonly string[]): readonly string[] {
  if (process.getuid?.() === 0 || mayLoad(readFileSync("/proc/self/status", "latin1"))) return command;
  const sudo = which("sudo", process.env.PATH ?? "");
  if (sudo) return [sudo, ...command];
  throw new Failure("cli", { kind: "check-needs-root", install: installOfProgram("sudo") });
}

const LOADING = ["CAP_BPF", "CAP_PERFMON", "CAP_NET_ADMIN"] as const;

/**
 * Whether a process may load programs of every type without being root.
 * @param status its /proc/PID/status
 */
export function mayLoad(status: string): boolean {
  const has = capabilitiesIn(status);
  return has.has("CAP_SYS_ADMIN") || LOADING.every((name) => has.has(name));
}
