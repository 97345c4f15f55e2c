import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { installOfProgram } from "../base/packages.ts";
import { which } from "../base/which.ts";

/** An app that runs with the privileges that are needed to load a BPF program. */
export interface AppProcess {
  /**
   * Resolves to the app's exit status when it has ended. If signal n ended it, the status is 128 + n, as in a shell.
   * Rejects with the failure app-not-started if the app could not be started.
   */
  readonly ended: Promise<number>;
  /** Sends a signal to the app. It does nothing if the app has ended. */
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts a program in the foreground: directly if this user is root, and otherwise through sudo.
 *
 * @param variables - set in the program's environment
 * @throws Failure sudo-missing
 */
export function startApp(
  root: string,
  command: readonly string[],
  variables: Readonly<Record<string, string>> = {},
): AppProcess {
  return process.getuid?.() === 0
    ? startDirectly(root, command, variables)
    : startThroughSudo(root, command, variables);
}

function startDirectly(
  root: string,
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
): AppProcess {
  const [program = "", ...args] = command;
  const child = spawn(program, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...variables } });
  return { ended: statusOf(child, program), signal: (name) => void child.kill(name) };
}

/**
 * A user may not send signals to a program that sudo has started. So sudo starts `bpf-app supervise`, which starts the
 * app, and sends it the signals whose names arrive over a socket. The socket lies in a folder to which only this user
 * has access, and is removed as soon as it is connected.
 */
function startThroughSudo(
  root: string,
  command: readonly string[],
  variables: Readonly<Record<string, string>>,
): AppProcess {
  const sudo = which("sudo", process.env.PATH ?? "");
  if (!sudo) {
    const [program = ""] = command;
    throw new Failure("cli", { kind: "sudo-missing", program, install: installOfProgram("sudo") });
  }
  const folder = mkdtempSync(join(tmpdir(), "bpf-app-"));
  const remove = () => rmSync(folder, { recursive: true, force: true });
  const socket = join(folder, "signals");
  let line: Socket | undefined;
  const waiting: NodeJS.Signals[] = [];
  const server = createServer((connected) => {
    line = connected.on("error", () => {});
    for (const name of waiting) line.write(`${name}\n`);
    remove();
  });
  const ended = new Promise<number>((resolve, reject) => {
    server.once("error", reject).listen(socket, () => {
      const [, script = ""] = process.argv;
      // sudo lets few variables through, so that they are given as arguments, as env(1) takes them.
      const settings = Object.entries({ ...passedOn(), ...variables }).map(
        ([name, value]) => `${name}=${value}`,
      );
      const supervise = [process.execPath, script, "supervise", socket, ...settings, "--"];
      const child = spawn(sudo, [...supervise, ...command], { cwd: root, stdio: "inherit" });
      statusOf(child, sudo).then(resolve, reject);
    });
  }).finally(() => {
    server.close();
    line?.destroy();
    remove();
  });
  const signal = (name: NodeJS.Signals) => void (line ? line.write(`${name}\n`) : waiting.push(name));
  return { ended, signal };
}

/** What a person has asked to see of the app goes on to it, although sudo gives a program an environment of its own. */
function passedOn(): Readonly<Record<string, string>> {
  const log = process.env.BPF_APP_LOG;
  return log === undefined ? {} : { BPF_APP_LOG: log };
}

/**
 * Resolves to the exit status of a child when it has ended.
 * @throws Failure app-not-started
 */
export function statusOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(new Failure("cli", { kind: "app-not-started", program, code: error.code ?? error.message })),
    );
    child.once("exit", (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}

/**
 * Runs a program in the foreground until it ends, and passes on the signals that ask this process to end.
 * @throws Failure sudo-missing, app-not-started
 */
export async function runApp(root: string, command: readonly string[]): Promise<number> {
  const app = startApp(root, command);
  // A terminal sends ^C to the app as well. Then this process only waits until the app has ended.
  const interrupt = () => process.stdin.isTTY || app.signal("SIGINT");
  const terminate = () => app.signal("SIGTERM");
  process.on("SIGINT", interrupt).on("SIGTERM", terminate);
  try {
    return await app.ended;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", terminate);
  }
}
