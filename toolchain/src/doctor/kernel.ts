import { CGROUP } from "../facts/kernel-config.ts";
import { before, kernelVersion } from "../facts/kernel-version.ts";
import { parseSection } from "../facts/sections.ts";
import { floors } from "../facts/since.ts";
import type { App } from "./app.ts";
import type { Finding } from "./finding.ts";
import { type Machine, statusField, textOf } from "./machine.ts";

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
    fix: `Run it on a kernel built with CONFIG_DEBUG_INFO_BTF=y; in a container, have /sys mounted${attached.length === 0 ? `; or ${other}` : ""}.`,
  };
}

/** Whether programs are compiled, or interpreted. */
export function jit(app: App, machine: Machine, option: (name: string) => boolean | undefined): Finding {
  const subject = "JIT compiler";
  const needing = ofType(app, "tracing", "lsm", "struct_ops", "ext");
  const said = textOf(machine, "/proc/sys/net/core/bpf_jit_enable")?.trim();
  if (said === "1" || said === "2" || option("CONFIG_BPF_JIT_ALWAYS_ON"))
    return { subject, state: "ok", detail: "on" };
  if (said === undefined) {
    return { subject, state: "ok", detail: "only root may read whether it is on (net.core.bpf_jit_enable)" };
  }
  const names = needing.map(({ name }) => name).join(", ");
  return {
    subject,
    state: needing.length > 0 ? "error" : "warn",
    detail: "off (net.core.bpf_jit_enable=0)",
    why:
      needing.length > 0
        ? `${names} cannot be put into a function without it.`
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
export function lockdown(app: App, machine: Machine): Finding {
  const subject = "lockdown";
  const text = textOf(machine, "/sys/kernel/security/lockdown");
  const mode = text === undefined ? undefined : (/\[(\w+)\]/.exec(text)?.[1] ?? "none");
  if (mode === undefined)
    return { subject, state: "ok", detail: "not in this kernel, or not to be seen from here" };
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
    const why = `${needing.join(", ")} needs it, and /sys/kernel/security/lsm cannot be read (${read.error}).`;
    return {
      subject,
      state: "warn",
      detail: "not to be seen from here",
      why,
      fix: "mount -t securityfs securityfs /sys/kernel/security",
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

/** File systems that programs of some kinds are attached through, or that what they print is read from. */
const MOUNTS = [
  {
    type: "tracefs",
    fix: "mount -t tracefs tracefs /sys/kernel/tracing",
    why: "tracepoints, kprobes for many functions and what programs print are found in it",
    ways: ["tracepoint", "kprobe.multi"],
    types: [],
    // trace_printk and trace_vprintk.
    helpers: [6, 177],
    pins: false,
  },
  {
    type: "cgroup2",
    fix: "mount -t cgroup2 cgroup2 /sys/fs/cgroup",
    why: "programs are attached to its folders",
    ways: [],
    types: CGROUP,
    helpers: [],
    pins: false,
  },
  {
    type: "bpf",
    fix: "mount -t bpf bpf /sys/fs/bpf",
    why: "maps are pinned in it",
    ways: [],
    types: [],
    helpers: [],
    pins: true,
  },
] as const;

/** Whether the file systems are mounted that the app needs. */
export function mounts(app: App, machine: Machine): Finding[] {
  const mounted = textOf(machine, "/proc/self/mounts") ?? "";
  const programs = app.objects.flatMap((object) => object.programs);
  return MOUNTS.flatMap(({ type, fix, why, ways, types, helpers, pins }): Finding[] => {
    const needed =
      (pins && app.objects.some(({ maps }) => maps.some(({ pinned }) => pinned))) ||
      programs.some(({ section }) =>
        (ways as readonly string[]).includes(parseSection(section)?.way ?? ""),
      ) ||
      programs.some((program) => (types as readonly string[]).includes(program.type)) ||
      app.objects.some((object) => object.helpers.some((id) => (helpers as readonly number[]).includes(id)));
    if (!needed) return [];
    const place = mounted
      .split("\n")
      .map((line) => line.split(" "))
      .find(([, , kind]) => kind === type)?.[1];
    return place === undefined
      ? [{ subject: type, state: "error", detail: "not mounted", why: `The app needs it: ${why}.`, fix }]
      : [{ subject: type, state: "ok", detail: place }];
  });
}

/** Before Linux 5.11 maps count as locked memory. */
export function memlock(app: App, machine: Machine): Finding | undefined {
  const subject = "locked memory";
  if (!before(kernelVersion(machine.release), [5, 11])) return undefined;
  const limits = textOf(machine, "/proc/self/limits") ?? "";
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits)?.[1];
  if (soft === "unlimited") return { subject, state: "ok", detail: "unlimited" };
  const effective = BigInt(`0x${statusField(machine, "CapEff") ?? "0"}`);
  // CAP_SYS_RESOURCE. libbpf raises the limit itself.
  if (((effective >> 24n) & 1n) === 1n) {
    return { subject, state: "ok", detail: `${soft ?? "?"} bytes, which the app may raise` };
  }
  const need = app.objects
    .flatMap(({ maps }) => maps)
    .reduce((sum, map) => sum + map.maxEntries * (map.keySize + map.valueSize), 0);
  const enough = soft !== undefined && Number(soft) > 2 * need + (1 << 20);
  return {
    subject,
    state: enough ? "ok" : "error",
    detail: `${soft ?? "?"} bytes`,
    ...(enough
      ? {}
      : {
          why: "Before Linux 5.11 programs and maps count as locked memory, and this process may not raise its limit.",
          fix: "ulimit -l unlimited, or give it CAP_SYS_RESOURCE too.",
        }),
  };
}
