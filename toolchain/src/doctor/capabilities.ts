import {
  allows,
  type Capability,
  machineOf,
  type Needed,
  neededCapabilities,
  setcap,
  together,
} from "../facts/capabilities.ts";
import { capabilitiesIn, inUserNamespace, statusField } from "../facts/process-status.ts";
import type { App } from "./app.ts";
import { containerOf, startedWith } from "./container.ts";
import type { Finding } from "./finding.ts";
import { type Machine, statusOf, textOf } from "./machine.ts";
import { memlock } from "./memlock.ts";
import { mountOf, mountsOf } from "./mounts.ts";

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
  const status = statusOf(machine);
  if (status === undefined) {
    const why = `It takes ${names.join(", ")}.`;
    return { subject, state: "warn", detail: "not to be seen without /proc", why };
  }
  if (inUserNamespace(machine.link("/proc/self/ns/user"), textOf(machine, "/proc/self/uid_map")))
    return inNamespace(machine);
  const has = capabilitiesIn(status);
  // It raises the limit of locked memory, where that is too low.
  const roomy = memlock(app, machine)?.state !== "error";
  const missing = wanted.filter(
    ({ capability }) => !allows(has, capability) && !(roomy && capability === "CAP_SYS_RESOURCE"),
  );
  if (missing.length === 0) return { subject, state: "ok", detail: names.join(", ") };
  return {
    subject,
    state: "error",
    detail: `missing: ${missing.map(({ capability }) => capability).join(", ")}`,
    why: `${missing.map(({ capability, reasons }) => `${capability} ${reasons.join(", and ")}`).join("; ")}.`,
    fix: remedy(app, machine, names, missing),
  };
}

/** How a process comes to the capabilities that it lacks depends on what keeps them from it. */
function remedy(
  app: App,
  machine: Machine,
  names: readonly Capability[],
  missing: readonly Needed[],
): string {
  const status = statusOf(machine);
  const bounding = capabilitiesIn(status, "CapBnd");
  const bounded = statusField(status, "CapBnd") !== undefined;
  const beyond = missing.filter(({ capability }) => bounded && !allows(bounding, capability));
  const inside = containerOf(machine);
  if (inside && beyond.length > 0)
    return startedWith(inside, { capabilities: beyond.map(({ capability }) => capability) });
  if (inside && machine.user !== 0)
    return "The container has them, and its user does not: run it as root in there (--user 0, runAsUser: 0), or give them to the file where the image is made.";
  if (beyond.length > 0) {
    const taken = beyond.map(({ capability }) => capability).join(", ");
    return `Whatever starts this process has taken ${taken} for good, so that neither sudo nor setcap gives it back (in a systemd unit CapabilityBoundingSet=): start it with ${names.join(", ")}.`;
  }
  const ignored = fileIgnored(app, machine);
  if (ignored !== undefined)
    return `${ignored} Run it as root, or have it started with the ambient capabilities ${names.join(", ")} (AmbientCapabilities= in a systemd unit).`;
  const [instead] = missing.flatMap((one) => one.instead ?? []);
  return `Run it with sudo, or give the file what it needs: sudo ${setcap(names, app.file)}${
    instead === undefined ? "" : ` (without cap_sys_admin after: sudo ${instead})`
  }`;
}

/** Why capabilities that a file has would not be given to whoever runs it; undefined if they would. */
function fileIgnored(app: App, machine: Machine): string | undefined {
  if (statusField(statusOf(machine), "NoNewPrivs") === "1")
    return "setcap does not help: whatever starts this process lets it get no new privileges (no_new_privs).";
  const mount = mountOf(machine, app.path);
  return mount?.options.includes("nosuid")
    ? `setcap does not help: ${mount.place} is mounted nosuid, where the kernel takes no notice of it.`
    : undefined;
}

function inNamespace(machine: Machine): Finding {
  const delegating = (mountsOf(machine) ?? []).find(
    ({ type, options }) => type === "bpf" && options.some((option) => option.startsWith("delegate_")),
  );
  if (delegating) {
    return {
      subject: CAPABILITIES,
      state: "warn",
      detail: `in a user namespace, with a BPF token from ${delegating.place}`,
      why: "There a token counts, and the namespace's own capabilities. Perf events, and so kprobes, uprobes and tracepoints, take more than that.",
      fix: "What loads with it is tried below. The app takes it from /sys/fs/bpf, or from where open({ tokenPath }) says.",
    };
  }
  const inside = containerOf(machine);
  return {
    subject: CAPABILITIES,
    state: "error",
    detail: "in a user namespace, where capabilities do not count for BPF",
    why: inside
      ? `This is a rootless container (${inside.name}), or one with user ids of its own.`
      : "This is a rootless container, or what unshare has started.",
    fix: "Run it outside of the namespace, or in a container that root has started with --privileged or with the capabilities that it needs.",
  };
}
