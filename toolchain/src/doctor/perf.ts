import { allows, PERF_WAYS } from "../facts/capabilities.ts";
import { capabilitiesIn } from "../facts/process-status.ts";
import { parseSection } from "../facts/sections.ts";
import type { App } from "./app.ts";
import type { Finding } from "./finding.ts";
import { type Machine, statusOf, textOf } from "./machine.ts";

/** Whether programs are attached by perf events, or send through them. */
export function takesPerfEvents({ objects }: App): boolean {
  const ways: readonly string[] = PERF_WAYS;
  return objects.some(
    ({ programs, maps }) =>
      programs.some(({ section }) => ways.includes(parseSection(section)?.way ?? "")) ||
      maps.some(({ type }) => type === "perf_event_array"),
  );
}

/** Who may open perf events, where the app does. What it lacks for that is said of the capabilities. */
export function perfEvents(app: App, machine: Machine): Finding | undefined {
  if (!takesPerfEvents(app)) return undefined;
  const subject = "perf events";
  const said = textOf(machine, "/proc/sys/kernel/perf_event_paranoid")?.trim();
  if (said === undefined) return { subject, state: "ok", detail: "not to be read who may open them" };
  const name = `kernel.perf_event_paranoid is ${said}`;
  if (Number(said) <= 2) return { subject, state: "ok", detail: name };
  if (allows(capabilitiesIn(statusOf(machine)), "CAP_SYS_ADMIN"))
    return { subject, state: "ok", detail: `${name}, which CAP_SYS_ADMIN passes` };
  return {
    subject,
    state: "warn",
    detail: name,
    why: "Above 2, as Debian and Ubuntu have it, some kernels leave all perf events to CAP_SYS_ADMIN, and CAP_PERFMON is not enough. Nothing is attached here, so it was not tried.",
    fix: "sysctl kernel.perf_event_paranoid=2",
  };
}

/** get_stackid and get_stack. */
const STACKS = [27, 67];

/** Whether the functions of kernel stacks can be named, where the app has any. */
export function addresses({ objects }: App, machine: Machine): Finding | undefined {
  if (!objects.some(({ helpers }) => helpers.some((id) => STACKS.includes(id)))) return undefined;
  const subject = "kernel addresses";
  const said = textOf(machine, "/proc/sys/kernel/kptr_restrict")?.trim();
  if (said !== "2")
    return { subject, state: "ok", detail: `kernel.kptr_restrict is ${said ?? "not to be read"}` };
  return {
    subject,
    state: "warn",
    detail: "kernel.kptr_restrict is 2: hidden from everybody",
    why: "The app gathers stacks, and with this setting the kernel's functions in them have addresses and no names.",
    fix: "sysctl kernel.kptr_restrict=1",
  };
}
