import type { Finding } from "./finding.ts";
import { type Machine, statusOf } from "./machine.ts";

/** Whether /proc is mounted, from which most of this is read, and out of which the addon is loaded. */
export function proc(machine: Machine): Finding | undefined {
  if (statusOf(machine) !== undefined) return undefined;
  return {
    subject: "/proc",
    state: "error",
    detail: "not mounted",
    why: "The app's native part is loaded through /proc/self/fd, and what this process may do is read there.",
    fix: "mount -t proc proc /proc",
  };
}
