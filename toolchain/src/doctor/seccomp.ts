import { allows } from "../facts/capabilities.ts";
import { before, kernelVersion } from "../facts/kernel-version.ts";
import { capabilitiesIn, isFiltered, SECCOMP_ANSWERS } from "../facts/process-status.ts";
import type { App } from "./app.ts";
import { containerOf, startedWith } from "./container.ts";
import type { Finding } from "./finding.ts";
import { type Machine, statusOf, textOf } from "./machine.ts";
import { takesPerfEvents } from "./perf.ts";

/** What the finding about seccomp is named. */
export const SYSTEM_CALLS = "system calls";

/**
 * Whether a seccomp filter keeps this process from BPF. Its answer looks like that for a missing capability, so two calls were
 * made that take none.
 */
export function systemCalls(app: App, machine: Machine): Finding | undefined {
  const status = statusOf(machine);
  const { calls } = machine;
  if (!isFiltered(status)) return undefined;
  const subject = SYSTEM_CALLS;
  if (calls === undefined)
    return {
      subject,
      state: "ok",
      detail: "a seccomp filter is set; whether it allows bpf(2) was not tried",
    };
  if (calls === "killed") return refuses(machine, "a seccomp filter kills a process that calls it");
  const needsPerf = takesPerfEvents(app);
  const bpf = SECCOMP_ANSWERS.includes(calls.bpf);
  if (bpf && asksForCapability(machine)) {
    return {
      subject,
      state: "warn",
      detail: "a seccomp filter is set; whether it allows bpf(2) shows once the capabilities are there",
      why: "Before Linux 5.19 the kernel itself refuses every bpf(2) without CAP_BPF, with the same error.",
    };
  }
  const refused = [
    ...(bpf ? ["bpf(2)"] : []),
    ...(needsPerf && SECCOMP_ANSWERS.includes(calls.perfEventOpen) ? ["perf_event_open(2)"] : []),
  ];
  if (refused.length > 0) return refuses(machine, `a seccomp filter refuses ${refused.join(" and ")}`);
  return { subject, state: "ok", detail: "a seccomp filter is set, and allows what BPF takes" };
}

/** Whether the kernel refuses any call of bpf(2) to this process, and not only those that load and create. */
function asksForCapability(machine: Machine): boolean {
  return (
    before(kernelVersion(machine.release), [5, 19]) &&
    textOf(machine, "/proc/sys/kernel/unprivileged_bpf_disabled")?.trim() !== "0" &&
    !allows(capabilitiesIn(statusOf(machine)), "CAP_BPF")
  );
}

function refuses(machine: Machine, detail: string): Finding {
  const inside = containerOf(machine);
  return {
    subject: SYSTEM_CALLS,
    state: "error",
    detail,
    why: inside
      ? "It is the container's. The usual profiles allow bpf(2) and perf_event_open(2) only with some of the capabilities (CAP_SYS_ADMIN, in newer ones CAP_BPF and CAP_PERFMON)."
      : "It is set by whatever starts this process, and capabilities do not help against it.",
    fix: inside
      ? `${startedWith(inside, { unconfined: true })}\nOr give it a profile that allows bpf and perf_event_open.`
      : "In a systemd unit: SystemCallFilter=bpf perf_event_open, after the other lines of that name.",
  };
}
