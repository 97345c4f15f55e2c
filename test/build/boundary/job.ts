import { openSync, readdirSync, writeSync } from "node:fs";
import { isMainThread, workerData } from "node:worker_threads";

export type Part = "before" | "states" | "sequences" | "worker" | "handover" | "abandoned";

export interface Job {
  readonly part: Part;
  /** Each program's generated module. */
  readonly modules: Readonly<Record<string, string>>;
  /** An ordinary folder. */
  readonly folder: string;
  /** The file that is written to. */
  readonly log: string;
  /** A BPF file system. */
  readonly pins: string;
  /** For sequences: how many, and where the random numbers begin. */
  readonly runs: number;
  readonly seed: number;
}

export const job: Job = isMainThread ? JSON.parse(process.argv[2] as string) : workerData;
const log = openSync(job.log, "a");

/** Says it before it is done: the last line names what ended the process. */
export function say(line: string): void {
  writeSync(log, `${line}\n`);
}

export function collect(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

/** Lets what was closed be closed: the loop's handles, and what the collector frees. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
}

export function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
}
