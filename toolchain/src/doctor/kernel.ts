import { before, kernelVersion } from "../facts/kernel-version.ts";
import { floors } from "../facts/since.ts";
import type { App } from "./app.ts";
import type { KernelConfig } from "./config.ts";
import { containerOf, startedWith } from "./container.ts";
import type { Finding } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

/** The programs whose type is one of these. */
function ofType({ objects }: App, ...types: readonly string[]) {
  return objects.flatMap(({ programs }) => programs.filter(({ type }) => types.includes(type)));
}

/** The kernel's version against what the app's programs and maps need. */
export function version(app: App, machine: Machine): Finding {
  const subject = "kernel";
  const wanted = app.objects.flatMap((object) => floors(object));
  const have = kernelVersion(machine.release);
  const missing = wanted.filter(({ kernel }) => before(have, kernel));
  if (missing.length === 0) return { subject, state: "ok", detail: `Linux ${machine.release}` };
  const newest = missing.reduce((a, b) => (before(a.kernel, b.kernel) ? b : a));
  const why = missing.map(({ kernel, what }) => `${what} needs Linux ${kernel.join(".")}`).join("; ");
  return {
    subject,
    state: app.adapts ? "warn" : "error",
    detail: `Linux ${machine.release} is older than Linux ${newest.kernel.join(".")}`,
    why: `${why}.${app.adapts ? " The app decides when it starts what it loads, and may do without them." : ""}`,
    fix: `Run it on Linux ${newest.kernel.join(".")} or newer.`,
  };
}

/** Whether the kernel describes its types, where a program needs that. */
export function btf(app: App, machine: Machine): Finding {
  const subject = "kernel BTF";
  const needing = app.objects.filter(({ kernelTypes }) => kernelTypes).map(({ name }) => name);
  if (machine.exists("/sys/kernel/btf/vmlinux"))
    return { subject, state: "ok", detail: "/sys/kernel/btf/vmlinux" };
  if (needing.length === 0) return { subject, state: "ok", detail: "none, and no program needs it" };
  const attached = ofType(app, "tracing", "lsm", "struct_ops", "ext").filter(({ optional }) => !optional);
  const brought = (name: string) =>
    app.btf?.some(
      (one) => one.name === name && one.kernels.some(({ release }) => release === machine.release),
    );
  if (attached.length === 0 && needing.every(brought))
    return {
      subject,
      state: "ok",
      detail: `none, and this file brings its own for Linux ${machine.release}`,
    };
  const other = `build it with BTF of Linux ${machine.release} (npm run build -- BTF=FOLDER)`;
  return {
    subject,
    state: "error",
    detail: "/sys/kernel/btf/vmlinux is not there",
    why: `${needing.join(", ")} is fitted to the running kernel's types (CO-RE), or attached by them.`,
    fix: machine.exists("/sys/kernel")
      ? `Run it on a kernel built with CONFIG_DEBUG_INFO_BTF=y${attached.length === 0 ? `, or ${other}` : ""}.`
      : "/sys is not mounted here: mount -t sysfs sysfs /sys",
  };
}

/** Whether programs are compiled, or interpreted. */
export function jit(app: App, machine: Machine, option: (name: string) => boolean | undefined): Finding {
  const subject = "JIT compiler";
  // fentry and LSM programs are interpreted then, too: what calls them is always compiled.
  const needing = ofType(app, "ext");
  const read = machine.read("/proc/sys/net/core/bpf_jit_enable");
  const said = "text" in read ? read.text.trim() : undefined;
  if (said === "1" || said === "2" || option("CONFIG_BPF_JIT_ALWAYS_ON"))
    return { subject, state: "ok", detail: "on" };
  if (said === undefined) {
    // A network namespace other than the first does not have the file.
    const from =
      "error" in read && read.error === "ENOENT" ? "not to be seen from here" : "only root may read";
    return { subject, state: "ok", detail: `${from} whether it is on (net.core.bpf_jit_enable)` };
  }
  const names = needing.map(({ name }) => name).join(", ");
  return {
    subject,
    state: needing.length > 0 ? "error" : "warn",
    detail: "off (net.core.bpf_jit_enable=0)",
    why:
      needing.length > 0
        ? `${names} takes the place of a function of another program, which has to be compiled for that.`
        : "Programs are interpreted, which is slow.",
    fix: "sysctl net.core.bpf_jit_enable=1",
  };
}

/** bpf_probe_write_user. */
const WRITE_USER = 36;
const TRACING = [
  "kprobe",
  "tracepoint",
  "perf_event",
  "raw_tracepoint",
  "raw_tracepoint_writable",
  "tracing",
  "lsm",
];

/** Whether lockdown keeps programs from the kernel's memory. */
export function lockdown(app: App, machine: Machine, config: KernelConfig | undefined): Finding {
  const subject = "lockdown";
  const mode = lockdownMode(machine);
  if (mode === undefined) {
    const none = config && !config.has("CONFIG_SECURITY_LOCKDOWN_LSM");
    return { subject, state: "ok", detail: none ? "not in this kernel" : "not to be seen from here" };
  }
  const fix = "Boot without lockdown=, and without Secure Boot where that turns it on.";
  const tracing = ofType(app, ...TRACING).map(({ name }) => name);
  if (mode === "confidentiality" && tracing.length > 0) {
    const why = `In this mode no program reads the kernel's memory: ${tracing.join(", ")}.`;
    return { subject, state: "error", detail: mode, why, fix };
  }
  if (mode !== "none" && app.objects.some(({ helpers }) => helpers.includes(WRITE_USER))) {
    const why = "In this mode no program writes to the memory of processes (bpf_probe_write_user).";
    return { subject, state: "error", detail: mode, why, fix };
  }
  return { subject, state: "ok", detail: mode };
}

/** The mode, or what was asked for when the machine booted where securityfs is not mounted, as in containers. */
function lockdownMode(machine: Machine): string | undefined {
  const text = textOf(machine, "/sys/kernel/security/lockdown");
  if (text !== undefined) return /\[(\w+)\]/.exec(text)?.[1] ?? "none";
  return /(?:^|\s)lockdown=(\w+)/.exec(textOf(machine, "/proc/cmdline") ?? "")?.[1];
}

const UNPRIVILEGED: Readonly<Record<string, string>> = {
  "0": "0: any user may load programs of some types",
  "1": "1: BPF takes capabilities, until the next boot",
  "2": "2: BPF takes capabilities",
};

/** What users without capabilities may do. It decides about nothing here, and explains what is refused. */
export function unprivileged(_app: App, machine: Machine): Finding {
  const said = textOf(machine, "/proc/sys/kernel/unprivileged_bpf_disabled")?.trim();
  const detail = said === undefined ? "not to be read" : (UNPRIVILEGED[said] ?? said);
  return { subject: "unprivileged BPF", state: "ok", detail };
}

/** Whether BPF is among the active security modules, where a program is one. */
export function bpfLsm(app: App, machine: Machine): Finding | undefined {
  const subject = "BPF LSM";
  const needing = ofType(app, "lsm").map(({ name }) => name);
  if (needing.length === 0) return undefined;
  const read = machine.read("/sys/kernel/security/lsm");
  if ("error" in read) {
    const inside = containerOf(machine);
    const why = `${needing.join(", ")} needs it, and /sys/kernel/security/lsm cannot be read (${read.error}).`;
    return {
      subject,
      state: "warn",
      detail: "not to be seen from here",
      why,
      fix: inside
        ? startedWith(inside, { paths: ["/sys/kernel/security"] })
        : "mount -t securityfs securityfs /sys/kernel/security",
    };
  }
  const active = read.text.trim();
  if (active.split(",").includes("bpf")) return { subject, state: "ok", detail: active };
  return {
    subject,
    state: "error",
    detail: `not active: ${active}`,
    why: `${needing.join(", ")} is a security hook, and attaches only where bpf is one of the active modules.`,
    fix: `Boot with lsm=${active},bpf on the kernel's command line.`,
  };
}
