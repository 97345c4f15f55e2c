import { readdirSync, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../base/failure.ts";

/*
 * When a build is killed, the commands that it had started go on. They would write into stages that a later build uses.
 * So every command has a mark in its environment, which all of its children inherit, and by which they are found.
 */

const VARIABLE = "BPF_APP_BUILD";
/** How long to wait for processes to end, in milliseconds. */
const PATIENCE = 10_000;

/** The variable of the environment that marks the processes of a build. */
export interface Mark {
  readonly name: string;
  readonly value: string;
}

/** The mark of all builds of an app. It stays the same when the app's folder is moved. */
export function buildMark(root: string, state: string): Mark {
  const { dev, ino } = statSync(root, { bigint: true });
  return { name: VARIABLE, value: `${dev}:${ino}:${state}` };
}

/**
 * Ends every process that has the mark, and resolves when there is none left.
 * @throws Failure leftover
 */
export async function endLeftovers({ name, value }: Mark): Promise<void> {
  const mark = `${name}=${value}`;
  for (let waited = 0; ; waited += 5) {
    const left = processes().filter((pid) => environment(pid).includes(mark));
    const [first] = left;
    if (first === undefined) return;
    if (waited > PATIENCE) throw new Failure("run", { kind: "leftover", pid: first });
    for (const pid of left) end(pid);
    await sleep(5);
  }
}

function processes(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid);
}

/** The environment of a process. It is empty if the process has ended or belongs to another user. */
function environment(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "latin1").split("\0");
  } catch {
    return [];
  }
}

function end(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // The process has ended by itself.
  }
}
