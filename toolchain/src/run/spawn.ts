import type { ChildProcess } from "node:child_process";
import type { Mark } from "./leftovers.ts";

/** A command that is ready to be executed. */
export interface Command {
  readonly file: string;
  /** The name by which the program is called. Programs such as `clang++` and `busybox` behave according to it. */
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** The descriptors that the child gets as its descriptors 1, 2, 3, … */
  readonly fds: readonly number[];
}

/** How a command ended: with an exit code or by a signal. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** The time between SIGTERM and SIGKILL for a process group, in milliseconds. */
const GRACE = 2_000;

/** The commands that run. Each has a process group of its own, so that everything it started can be ended with it. */
export class Children {
  readonly #running = new Map<ChildProcess, Promise<void>>();
  readonly #mark: Mark;
  #stopping = false;

  constructor(mark: Mark) {
    this.#mark = mark;
  }

  /** Runs a command to its end. It rejects with the operating system's error if the program cannot be started. */
  run(command: Command): Promise<Ending> {
    const { spawn } = process.getBuiltinModule("node:child_process");
    const child = spawn(command.file, command.args, {
      argv0: command.name,
      cwd: command.cwd,
      env: { ...command.env, [this.#mark.name]: this.#mark.value },
      stdio: ["ignore", ...command.fds],
      detached: true,
    });
    const ending = new Promise<Ending>((settle, fail) => {
      child.once("error", fail);
      child.once("exit", (code, signal) => settle({ code, signal }));
    });
    const ended = ending.then(
      () => {},
      () => {},
    );
    this.#running.set(child, ended);
    void ended.then(() => this.#running.delete(child));
    if (this.#stopping) signalGroup(child, "SIGTERM");
    return ending;
  }

  /** Ends every command and everything it started, and resolves when the commands have ended. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const running = [...this.#running];
    for (const [child] of running) signalGroup(child, "SIGTERM");
    const kill = setTimeout(() => {
      for (const [child] of running) signalGroup(child, "SIGKILL");
    }, GRACE);
    await Promise.all(running.map(([, ended]) => ended));
    clearTimeout(kill);
    for (const [child] of running) signalGroup(child, "SIGKILL");
  }
}

function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, signal);
  } catch {
    // No process of the group is left.
  }
}
