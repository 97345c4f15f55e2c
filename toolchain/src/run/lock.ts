import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readFileSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { Failure } from "../base/failure.ts";
import type { RunFailure } from "./failures.ts";
import { buildMark, endLeftovers, type Mark } from "./leftovers.ts";

export interface Lock {
  release(): void;
}

/**
 * Takes the one lock of a folder, so that a single build writes in it.
 *
 * It is a flock(2), which the kernel lets go when its owner dies, however it dies: there is no dead owner to be
 * recognised and nothing that two builds could both take over. Node cannot call flock(2), but the lock belongs to the
 * open file and not to a process, so that flock(1) can take it on a descriptor that it inherits and then end.
 *
 * The file holds the owner's process id while it builds, and says when it ended in order. Where it does not say so
 * the last build may have been killed: commands that it had started are ended first.
 *
 * `waiting` is called, once, with the owner's process id if it is known, else 0.
 */
export async function takeLock(
  root: string,
  state: string,
  waiting: (pid: number) => void,
  signal: AbortSignal,
): Promise<Lock> {
  const path = join(root, state, "lock");
  for (;;) {
    mkdirSync(dirname(path), { recursive: true });
    const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o666);
    try {
      if (!(await flock(fd, ["-n"], signal))) {
        waiting(Number.parseInt(readFileSync(path, "utf8"), 10) || 0);
        waiting = () => {};
        await flock(fd, [], signal);
      }
      if (isStill(path, fd)) {
        await enter(path, fd, buildMark(root, state));
        return { release: () => leave(fd) };
      }
    } catch (error) {
      closeSync(fd);
      throw error;
    }
    closeSync(fd);
  }
}

const ended = "ended\n";

async function enter(path: string, fd: number, mark: Mark): Promise<void> {
  if (readFileSync(path, "utf8") !== ended) await endLeftovers(mark);
  note(fd, `${process.pid}\n`);
}

function leave(fd: number): void {
  try {
    note(fd, ended);
  } finally {
    closeSync(fd);
  }
}

function note(fd: number, text: string): void {
  ftruncateSync(fd, 0);
  writeSync(fd, text, 0);
}

/** The folder may have been removed, and made anew by others, since the file was opened. */
function isStill(path: string, fd: number): boolean {
  const there = statSync(path, { throwIfNoEntry: false });
  const ours = fstatSync(fd);
  return there?.ino === ours.ino && there.dev === ours.dev;
}

/** Whether flock(1) took the lock on the file that `fd` has open. */
function flock(fd: number, flags: readonly string[], signal: AbortSignal): Promise<boolean> {
  const { spawn } = process.getBuiltinModule("node:child_process");
  return new Promise((settle, reject) => {
    const child = spawn("flock", [...flags, "-x", "3"], { stdio: ["ignore", "ignore", "ignore", fd] });
    const stop = () => child.kill();
    signal.addEventListener("abort", stop);
    if (signal.aborted) stop();
    child.once("error", (error: NodeJS.ErrnoException) => {
      signal.removeEventListener("abort", stop);
      const failure: RunFailure = { kind: "tool-vanished", tool: "flock" };
      reject(error.code === "ENOENT" ? new Failure("run", failure, { cause: error }) : error);
    });
    child.once("exit", (code) => {
      signal.removeEventListener("abort", stop);
      if (signal.aborted) reject(new Failure("run", { kind: "interrupted" }));
      else settle(code === 0);
    });
  });
}
