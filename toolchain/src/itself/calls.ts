import { spawnSync } from "node:child_process";
import type { App } from "../doctor/app.ts";
import { type Calls, type Machine, statusOf } from "../doctor/machine.ts";
import { isFiltered } from "../facts/process-status.ts";
import { AddonError } from "../runtime/addon.ts";
import { loadNative } from "../runtime/native.ts";
import { callBpf, callPerfEventOpen } from "../runtime/seccomp.ts";

/** What this executable is started with in BPF_APP to make the calls and nothing else, because a filter may kill it for that. */
export const CALLS_WORD = "doctor-calls";

/**
 * Where a seccomp filter is set, makes a call of bpf(2) and one of perf_event_open(2) that change nothing. A process of its own
 * makes them, because the filter may kill it.
 *
 * @returns undefined where no filter is set, or nothing came of it
 */
export function callsApart({ objects }: App, machine: Machine): Calls | "killed" | undefined {
  const [object] = objects;
  if (object === undefined || !isFiltered(statusOf(machine))) return undefined;
  const env = { ...process.env, BPF_APP: CALLS_WORD };
  const { stdout, signal } = spawnSync(process.execPath, [object.name], {
    env,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  if (signal === "SIGSYS") return "killed";
  try {
    return JSON.parse(stdout) as Calls;
  } catch {
    return undefined;
  }
}

/** What the process answers that makes the calls: JSON, or nothing where the addon cannot be loaded. */
export function answerCalls(object: string): string {
  try {
    const native = loadNative(object, "file:///");
    const calls: Calls = { bpf: callBpf(native), perfEventOpen: callPerfEventOpen(native) };
    return JSON.stringify(calls);
  } catch (error) {
    if (error instanceof AddonError) return "";
    throw error;
  }
}
