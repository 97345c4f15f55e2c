import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import type { Thing } from "./compare.ts";
import { isMarked, type Mark, within } from "./mark.ts";

/** The ids of the processes that run. Those that have ended, and are only not yet waited for, are left out. */
export function processes(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0 && (state(pid)?.letter ?? "Z") !== "Z");
}

/** Processes of a stage: with its mark, or with their working folder inside its temporary one. */
export function markedProcesses(mark: Mark): { pid: number; thing: Thing }[] {
  return processes()
    .filter((pid) => pid !== process.pid)
    .filter(
      (pid) =>
        isMarked(
          mark,
          quietly(() => readFileSync(`/proc/${pid}/environ`, "latin1")),
        ) ||
        within(
          mark.folder,
          quietly(() => readlinkSync(`/proc/${pid}/cwd`)),
        ),
    )
    .map((pid) => ({ pid, thing: describe(pid) }));
}

function describe(pid: number): Thing {
  const words = quietly(() => readFileSync(`/proc/${pid}/cmdline`, "utf8"))
    .split("\0")
    .join(" ")
    .trim();
  // A pid is given to another process one day; pid and time of start together never are.
  return { id: `process ${pid} ${state(pid)?.started}`, title: `process ${pid}: ${words.slice(0, 200)}` };
}

/** From /proc/PID/stat, whose second field is a name in parentheses with any characters in it. */
function state(pid: number): { letter: string; started: string } | undefined {
  const text = quietly(() => readFileSync(`/proc/${pid}/stat`, "latin1"));
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return fields.length > 19 ? { letter: fields[0]!, started: fields[19]! } : undefined;
}

/** A process may end while it is looked at, and one of another user may not be looked at. */
function quietly(read: () => string): string {
  try {
    return read();
  } catch {
    return "";
  }
}
