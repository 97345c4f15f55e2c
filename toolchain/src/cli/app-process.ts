import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import { installOfProgram } from "../base/packages.ts";
import { which } from "../base/which.ts";

/** An app that runs, with the privileges that loading a BPF program takes. */
export interface AppProcess {
  /** Its exit status once it has ended, 128 + n for signal n, as shells have it. Rejects if it could not be started. */
  readonly ended: Promise<number>;
  /** Sends it a signal; does nothing once it has ended. */
  signal(name: NodeJS.Signals): void;
}

/**
 * Starts a program in the foreground: directly for root, else through sudo.
 * @throws Failure sudo-missing
 */
export function startApp(root: string, command: readonly string[]): AppProcess {
  return process.getuid?.() === 0 ? startDirectly(root, command) : startThroughSudo(root, command);
}

function startDirectly(root: string, command: readonly string[]): AppProcess {
  const child = spawn(command[0] as string, command.slice(1), { cwd: root, stdio: "inherit" });
  return { ended: statusOf(child, command[0] as string), signal: (name) => void child.kill(name) };
}

/**
 * A user may not signal what sudo has started. So sudo starts `bpf-app supervise`, which starts the app and signals it
 * when it is told so over a socket. The socket lies in a folder of this user alone, and is gone once it is connected.
 */
function startThroughSudo(root: string, command: readonly string[]): AppProcess {
  const sudo = which("sudo", process.env.PATH ?? "");
  if (!sudo) {
    const program = command[0] as string;
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
  let child: ChildProcess | undefined;
  const ended = new Promise<number>((resolve, reject) => {
    server.once("error", reject).listen(socket, () => {
      const supervise = [process.execPath, process.argv[1] as string, "supervise", socket];
      child = spawn(sudo, [...supervise, ...command], { cwd: root, stdio: "inherit" });
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

/** The exit status of a child. @throws Failure app-not-started */
export function statusOf(child: ChildProcess, program: string): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once("error", (error: NodeJS.ErrnoException) =>
      reject(new Failure("cli", { kind: "app-not-started", program, code: error.code ?? error.message })),
    );
    child.once("exit", (code, signal) => resolve(signal ? 128 + constants.signals[signal] : (code ?? 1)));
  });
}

/** Runs a program in the foreground until it ends, handing on the signals that ask this process to end. */
export async function runApp(root: string, command: readonly string[]): Promise<number> {
  const app = startApp(root, command);
  // A terminal sends ^C to the app too; this process then only waits for it to end as it likes.
  const interrupt = () => process.stdin.isTTY || app.signal("SIGINT");
  const terminate = () => app.signal("SIGTERM");
  process.on("SIGINT", interrupt).on("SIGTERM", terminate);
  try {
    return await app.ended;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", terminate);
  }
}
