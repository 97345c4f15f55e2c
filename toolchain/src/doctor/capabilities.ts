import {
  allows,
  capabilitySet,
  machineOf,
  type Needed,
  neededCapabilities,
  setcap,
  together,
} from "../facts/capabilities.ts";
import type { App } from "./app.ts";
import type { Finding } from "./finding.ts";
import { type Machine, statusField, textOf } from "./machine.ts";

/** The capabilities that the app takes on a machine. */
export function needed(app: App, machine: Machine): Needed[] {
  const paranoid = textOf(machine, "/proc/sys/kernel/perf_event_paranoid");
  return neededCapabilities(together(app.objects), machineOf(machine.release, paranoid));
}

/** What the finding about capabilities is named. */
export const CAPABILITIES = "capabilities";

/** Whether this process has the capabilities that the app takes. */
export function capabilities(app: App, machine: Machine): Finding {
  const subject = CAPABILITIES;
  const wanted = needed(app, machine);
  const names = wanted.map(({ capability }) => capability);
  const map = textOf(machine, "/proc/self/uid_map")?.trim().split(/\s+/).join(" ");
  if (map !== undefined && map !== "0 0 4294967295") {
    return {
      subject,
      state: "error",
      detail: "in a user namespace, where capabilities do not count for BPF",
      why: "This is a rootless container, or what unshare has started.",
      fix: "Run it outside of the namespace, or in a container that root has started with --privileged or with the capabilities that it needs.",
    };
  }
  const has = capabilitySet(BigInt(`0x${statusField(machine, "CapEff") ?? "0"}`));
  const missing = wanted.filter(({ capability }) => !allows(has, capability));
  if (missing.length === 0) return { subject, state: "ok", detail: names.join(", ") };
  const [instead] = missing.flatMap((one) => one.instead ?? []);
  return {
    subject,
    state: "error",
    detail: `missing: ${missing.map(({ capability }) => capability).join(", ")}`,
    why: `${missing.map(({ capability, reasons }) => `${capability} ${reasons.join(", and ")}`).join("; ")}.`,
    fix: `Run it with sudo, or give the file what it needs: sudo ${setcap(names, app.file)}${
      instead === undefined ? "" : ` (without cap_sys_admin after: sudo ${instead})`
    }`,
  };
}
