import { readFileSync } from "node:fs";
import { isFiltered, SECCOMP_ANSWERS } from "../facts/process-status.ts";

/** As much of the addon as it takes to ask. */
interface Caller {
  objGet(path: string): number;
  perfEventOpen(options: Readonly<Record<string, unknown>>): number;
  closeFd(fd: number): number;
}

let known: Caller | undefined;

/** Notes an addon by which system calls can be made, to find out whether they are refused. */
export function noteCaller(caller: Caller): void {
  known ??= caller;
}

/** A path at which nothing is. */
const NOWHERE = "/proc/self/fd/no such file";
/** A software event that is never counted (PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY of linux/perf_event.h). */
const DUMMY = { type: 1, config: 9, pid: 0, cpu: -1 };

/** Calls bpf(2) for a file that is not there. Since Linux 5.19 the kernel lets every process do so. */
export function callBpf(caller: Caller): number {
  const result = caller.objGet(NOWHERE);
  if (result >= 0) caller.closeFd(result);
  return Math.min(result, 0);
}

/** Calls perf_event_open(2) for an event of this process that never happens. */
export function callPerfEventOpen(caller: Caller): number {
  const result = caller.perfEventOpen(DUMMY);
  if (result >= 0) caller.closeFd(result);
  return Math.min(result, 0);
}

/**
 * The system call that a seccomp filter refuses to a process that has all capabilities for it; undefined if none does.
 *
 * @param perf whether the call that failed may have been perf_event_open(2)
 */
export function refusedByFilter(perf: boolean): "bpf(2)" | "perf_event_open(2)" | undefined {
  if (known === undefined || !isFiltered(ownStatus())) return undefined;
  if (SECCOMP_ANSWERS.includes(callBpf(known))) return "bpf(2)";
  return perf && SECCOMP_ANSWERS.includes(callPerfEventOpen(known)) ? "perf_event_open(2)" : undefined;
}

function ownStatus(): string | undefined {
  try {
    return readFileSync("/proc/thread-self/status", "latin1");
  } catch {
    return undefined;
  }
}
