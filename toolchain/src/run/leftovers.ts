import { readdirSync, readFileSync, statSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../base/failure.ts";

/*
 * A build that is killed leaves the commands it had started: they would go on writing into stages that a later build
 * uses. Every command carries a mark in its environment, and hands it down to all it starts, by which they are found.
 */

const variable = "BPF_APP_BUILD";
const patience = 10_000;

/** A variable of the environment. */
export interface Mark {
  readonly name: string;
  readonly value: string;
}

/** The mark of the builds of an app; the same wherever its folder is moved to. */
export function buildMark(root: string, state: string): Mark {
  const { dev, ino } = statSync(root, { bigint: true });
  return { name: variable, value: `${dev}:${ino}:${state}` };
}

/** Ends every process that carries the mark and returns when there is none. Throws `leftover`. */
export async function endLeftovers({ name, value }: Mark): Promise<void> {
  const mark = `${name}=${value}`;
  for (let waited = 0; ; waited += 5) {
    const left = processes().filter((pid) => environment(pid).includes(mark));
    if (!left.length) return;
    if (waited > patience) throw new Failure("run", { kind: "leftover", pid: left[0]! });
    for (const pid of left) end(pid);
    await sleep(5);
  }
}

function processes(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid);
}

/** Empty for one that has ended, or that belongs to another user. */
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
    // It ended by itself.
  }
}
