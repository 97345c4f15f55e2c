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

/** The right to build in a folder, until it is released. */
export interface Lock {
  release(): void;
}

/** The text of the lock file after a build that came to its end. */
const ENDED = "ended\n";

/**
 * Takes the lock of a folder, so that only one build at a time writes in it.
 *
 * The lock is a flock(2). The kernel releases it when its owner dies in whatever way, so nobody has to find out whether
 * an owner is dead, and two builds cannot both take over the same lock. Node cannot call flock(2). But the lock belongs
 * to the open file and not to a process, so flock(1) can take it on a descriptor that it inherits, and then end.
 *
 * The lock file contains the process id of the owner while it builds, and another text once the build has come to its
 * end. If that text is not there, the last build may have been killed, and the commands that it had started are ended
 * first.
 *
 * `waiting` is called once if another build has the lock, with that build's process id, or 0 if it is unknown.
 * @throws Failure leftover, tool-vanished, interrupted
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

async function enter(path: string, fd: number, mark: Mark): Promise<void> {
  if (readFileSync(path, "utf8") !== ENDED) await endLeftovers(mark);
  note(fd, `${process.pid}\n`);
}

function leave(fd: number): void {
  try {
    note(fd, ENDED);
  } finally {
    closeSync(fd);
  }
}

function note(fd: number, text: string): void {
  ftruncateSync(fd, 0);
  writeSync(fd, text, 0);
}

/** Whether `path` is still the open file. Someone may have removed and recreated the folder since it was opened. */
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
