import { before, kernelVersion } from "./kernel-version.ts";
import type { ProgType } from "./prog-types.ts";
import { parseSection, type Way } from "./sections.ts";

/** The capabilities that BPF has to do with, by their bits (include/uapi/linux/capability.h). */
export const CAPABILITIES = {
  CAP_DAC_OVERRIDE: 1,
  CAP_DAC_READ_SEARCH: 2,
  CAP_KILL: 5,
  CAP_SETGID: 6,
  CAP_SETUID: 7,
  CAP_SETPCAP: 8,
  CAP_NET_BIND_SERVICE: 10,
  CAP_NET_ADMIN: 12,
  CAP_NET_RAW: 13,
  CAP_IPC_LOCK: 14,
  CAP_SYS_PTRACE: 19,
  CAP_SYS_ADMIN: 21,
  CAP_SYS_RESOURCE: 24,
  CAP_SYSLOG: 34,
  CAP_PERFMON: 38,
  CAP_BPF: 39,
} as const satisfies Readonly<Record<string, number>>;

/** The name of a capability: `CAP_BPF`. */
export type Capability = keyof typeof CAPABILITIES;

/** In place of a capability the kernel takes one of these too, which allow more. */
export const WIDER: Readonly<Partial<Record<Capability, readonly Capability[]>>> = {
  CAP_BPF: ["CAP_SYS_ADMIN"],
  CAP_PERFMON: ["CAP_SYS_ADMIN"],
  CAP_SYSLOG: ["CAP_SYS_ADMIN"],
  CAP_DAC_READ_SEARCH: ["CAP_DAC_OVERRIDE"],
};

/** Whether a set of capabilities has one, or another one that allows the same. */
export function allows(has: ReadonlySet<Capability>, wanted: Capability): boolean {
  return has.has(wanted) || (WIDER[wanted]?.some((wider) => has.has(wider)) ?? false);
}

/** What of an object decides on the capabilities that it takes. */
export interface ObjectParts {
  readonly programs: readonly { readonly section: string }[];
  readonly maps: readonly { readonly type: string }[];
  /** The numbers of the helpers that its programs call (`enum bpf_func_id`). */
  readonly helpers: readonly number[];
  /** Whether they subtract one register from another one. */
  readonly subtracts: boolean;
}

/** Several objects that one process has, as one. */
export function together(objects: readonly ObjectParts[]): ObjectParts {
  return {
    programs: objects.flatMap(({ programs }) => programs),
    maps: objects.flatMap(({ maps }) => maps),
    helpers: objects.flatMap(({ helpers }) => helpers),
    subtracts: objects.some(({ subtracts }) => subtracts),
  };
}

/** What of a machine decides on them. */
export interface Machine {
  /** The kernel's version: `[6, 12]`. */
  readonly kernel: readonly [major: number, minor: number];
  /** The sysctl kernel.perf_event_paranoid. */
  readonly perfEventParanoid: number;
}

/** Any machine that is not older than Linux 5.11, with the kernel's own settings. It is what a README speaks of. */
export const USUAL_MACHINE: Machine = { kernel: [5, 11], perfEventParanoid: 2 };

/**
 * A machine by what it says of itself.
 *
 * @param release - the kernel's name for its version, as uname(2) gives it: `6.12.9-amd64`
 * @param perfEventParanoid - the text of /proc/sys/kernel/perf_event_paranoid, if it can be read
 */
export function machineOf(release: string, perfEventParanoid: string | undefined): Machine {
  return {
    kernel: kernelVersion(release),
    perfEventParanoid: Number(perfEventParanoid ?? USUAL_MACHINE.perfEventParanoid),
  };
}

/** A capability that something takes, and why. All of the conditions that a row has must hold. */
interface Rule {
  readonly capability: Capability;
  /** Goes on after the capability's name: `CAP_BPF loads programs`. */
  readonly reason: string;
  /** What can be done instead of giving the capability. */
  readonly instead?: string;
  /** The first kernel for which it holds, and the first for which it does not any more. */
  readonly since?: readonly [number, number];
  readonly until?: readonly [number, number];
  /** It holds where perf_event_paranoid is above this. */
  readonly paranoidAbove?: number;
  /** One of these is enough; without any the row holds for every object. */
  readonly types?: readonly ProgType[];
  readonly ways?: readonly Way[];
  readonly maps?: readonly string[];
  readonly helpers?: readonly number[];
  readonly subtracts?: true;
}

/** Ways to attach by perf_event_open(2). */
export const PERF_WAYS = [
  "kprobe",
  "ksyscall",
  "uprobe",
  "usdt",
  "tracepoint",
  "perf",
] as const satisfies readonly Way[];

/**
 * In the order in which they are named. The types are those of `is_net_admin_prog_type` and `is_perfmon_prog_type` in the
 * kernel's kernel/bpf/syscall.c, and cgroup_skb, which is asked for its capability when it is attached.
 */
export const RULES: readonly Rule[] = [
  {
    capability: "CAP_BPF",
    reason: "loads programs and creates maps",
    since: [5, 8],
  },
  {
    capability: "CAP_PERFMON",
    reason: "lets programs look into the kernel, and at its addresses",
    since: [5, 8],
    types: [
      "kprobe",
      "tracepoint",
      "perf_event",
      "raw_tracepoint",
      "raw_tracepoint_writable",
      "tracing",
      "lsm",
      "struct_ops",
      "ext",
    ],
    // perf_event_open(2) for a whole CPU, which is how a perf event array gets its buffers.
    maps: ["perf_event_array"],
    // probe_read and its like, trace_printk and trace_vprintk, get_current_task, snprintf, snprintf_btf, task_pt_regs and
    // sys_bpf: all that bpf_base_func_proto (kernel/bpf/helpers.c) and syscall programs leave to it.
    helpers: [4, 6, 35, 45, 112, 113, 114, 115, 149, 158, 165, 166, 175, 177],
    // The verifier lets nobody else subtract pointers, as for a packet's length, because the result tells of addresses.
    subtracts: true,
  },
  {
    capability: "CAP_NET_ADMIN",
    reason: "lets programs change what the network does",
    types: [
      "sched_cls",
      "sched_act",
      "xdp",
      "cgroup_skb",
      "cgroup_sock",
      "lwt_in",
      "lwt_out",
      "lwt_xmit",
      "lwt_seg6local",
      "sock_ops",
      "sk_skb",
      "cgroup_device",
      "sk_msg",
      "cgroup_sock_addr",
      "lirc_mode2",
      "flow_dissector",
      "cgroup_sysctl",
      "cgroup_sockopt",
      "ext",
      "netfilter",
    ],
    maps: ["sockmap", "sockhash", "devmap", "devmap_hash", "xskmap"],
  },
  {
    capability: "CAP_NET_RAW",
    reason: "opens the packet socket that a socket filter listens on",
    types: ["socket_filter"],
  },
  {
    capability: "CAP_DAC_READ_SEARCH",
    reason: "reads the tracing file system, which only root may enter",
    // A tracepoint's number is there, the functions that match a pattern, and what bpf_printk wrote.
    ways: ["tracepoint", "kprobe.multi"],
    helpers: [6, 177],
  },
  {
    capability: "CAP_SYSLOG",
    reason: "reads the addresses in /proc/kallsyms, which name the functions of a stack",
    // get_stackid and get_stack.
    helpers: [27, 67],
  },
  {
    capability: "CAP_SYS_ADMIN",
    reason: "is what BPF takes before Linux 5.8",
    until: [5, 8],
  },
  {
    capability: "CAP_SYS_ADMIN",
    reason: "sets uprobes, which Linux leaves to it since 6.16 and in later updates of older versions",
    since: [5, 8],
    ways: ["uprobe"],
  },
  {
    // Since Linux 6.6 libbpf attaches them by links for many uprobes at once, of which this is not asked.
    capability: "CAP_SYS_ADMIN",
    reason: "sets the uprobes of USDT before Linux 6.6",
    since: [5, 8],
    until: [6, 6],
    ways: ["usdt"],
  },
  {
    capability: "CAP_SYS_ADMIN",
    reason: "opens perf events where the sysctl kernel.perf_event_paranoid is above 2, as Debian has it",
    instead: "sysctl kernel.perf_event_paranoid=2",
    since: [5, 8],
    paranoidAbove: 2,
    ways: PERF_WAYS,
    maps: ["perf_event_array"],
  },
  {
    capability: "CAP_SYS_ADMIN",
    reason: "looks up the types of another program, one of whose functions is replaced",
    since: [5, 8],
    types: ["ext"],
  },
  {
    capability: "CAP_SYS_ADMIN",
    reason: "lets programs write to the memory of processes (bpf_probe_write_user)",
    since: [5, 8],
    helpers: [36],
  },
  {
    capability: "CAP_SYS_RESOURCE",
    reason: "raises the limit of locked memory, which maps count towards before Linux 5.11",
    until: [5, 11],
  },
];

/** A capability that is needed, and all reasons for it. */
export interface Needed {
  readonly capability: Capability;
  readonly reasons: readonly string[];
  /** A command that makes the capability unnecessary, if one alone does. */
  readonly instead?: string;
}

/**
 * The capabilities that it takes to load and attach an object on a machine, and to read what it sends, each of them once.
 * What an app asks for besides, such as a network interface that it sets up, is not among them.
 */
export function neededCapabilities(object: ObjectParts, machine: Machine): Needed[] {
  const needed = new Map<Capability, Needed>();
  for (const rule of RULES) {
    if (!(holds(rule, machine) && concerns(rule, object))) continue;
    const { capability, reason, instead } = rule;
    const before = needed.get(capability);
    const reasons = [...(before?.reasons ?? []), reason];
    needed.set(capability, { capability, reasons, ...(before === undefined && instead && { instead }) });
  }
  return [...needed.values()];
}

function holds({ since, until, paranoidAbove }: Rule, { kernel, perfEventParanoid }: Machine): boolean {
  if (since && before(kernel, since)) return false;
  if (until && !before(kernel, until)) return false;
  return paranoidAbove === undefined || perfEventParanoid > paranoidAbove;
}

function concerns({ types, ways, maps, helpers, subtracts }: Rule, object: ObjectParts): boolean {
  if (!(types || ways || maps || helpers)) return true;
  if (subtracts && object.subtracts) return true;
  const sections = object.programs.map(({ section }) => parseSection(section));
  return (
    sections.some((section) => section && types?.includes(section.type)) ||
    sections.some((section) => section && ways?.includes(section.way)) ||
    object.maps.some(({ type }) => maps?.includes(type)) ||
    object.helpers.some((helper) => helpers?.includes(helper))
  );
}

/** The command that gives capabilities to a file. It is the same in a README, in `bpf-app doctor` and in an error. */
export function setcap(capabilities: readonly Capability[], file: string): string {
  return `setcap ${capabilities.join(",").toLowerCase()}+ep ${file}`;
}
