import type { ChildProcess } from "node:child_process";
import type { Mark } from "./leftovers.ts";

/** A command ready to be executed. */
export interface Command {
  readonly file: string;
  /** The name it is called by, which programs such as `clang++` and `busybox` go by. */
  readonly name: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** File descriptors of the child, from 1. */
  readonly fds: readonly number[];
}

export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Time between asking a process group to end and ending it, in milliseconds. */
const grace = 2_000;

/** The commands that run. Each leads a process group of its own, so that all it started can be ended with it. */
export class Children {
  readonly #running = new Map<ChildProcess, Promise<void>>();
  readonly #mark: Mark;
  #stopping = false;

  constructor(mark: Mark) {
    this.#mark = mark;
  }

  /** Rejects with the error of the operating system when the program cannot be started. */
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

  /** Ends every command and all it started; settles when they are gone. */
  async stop(): Promise<void> {
    this.#stopping = true;
    const running = [...this.#running];
    for (const [child] of running) signalGroup(child, "SIGTERM");
    const kill = setTimeout(() => {
      for (const [child] of running) signalGroup(child, "SIGKILL");
    }, grace);
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
    // The group is gone.
  }
}
