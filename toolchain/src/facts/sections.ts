import type { AttachType } from "./attach-types.ts";
import type { ProgType } from "./prog-types.ts";

/**
 * How a program comes to what its section names: by the kernel's own types (`trace`), as an iterator over them (`iter`), by
 * a perf event for a function of the kernel (`kprobe`, `ksyscall`), for a place in a binary (`uprobe`, `usdt`), for a tracepoint
 * (`tracepoint`) or for a counter (`perf`), by one link to many functions (`kprobe.multi`), or by a tracepoint's name
 * (`raw_tracepoint`). `other` stands for all that takes more than a name.
 */
export type Way =
  | "trace"
  | "iter"
  | "kprobe"
  | "ksyscall"
  | "kprobe.multi"
  | "uprobe"
  | "usdt"
  | "tracepoint"
  | "raw_tracepoint"
  | "perf"
  | "other";

/** What the first word of a SEC() string says of a program. */
export interface SectionKind {
  readonly type: ProgType;
  readonly way: Way;
  /** The way to attach that the verifier is told of, where libbpf sets one. */
  readonly attach?: AttachType;
  /** What is put before the target to find it among the kernel's types. */
  readonly prefix?: string;
  /** Whether the program runs when the function returns. */
  readonly returns?: boolean;
}

/** The first words of SEC() strings, as libbpf knows them (`section_defs` of libbpf.c), without `.s` and `.w` at the end. */
export const SECTIONS = {
  socket: { type: "socket_filter", way: "other" },
  sk_reuseport: { type: "sk_reuseport", way: "other" },
  kprobe: { type: "kprobe", way: "kprobe" },
  kretprobe: { type: "kprobe", way: "kprobe", returns: true },
  ksyscall: { type: "kprobe", way: "ksyscall" },
  kretsyscall: { type: "kprobe", way: "ksyscall", returns: true },
  "kprobe.multi": { type: "kprobe", way: "kprobe.multi", attach: "trace_kprobe_multi" },
  "kretprobe.multi": { type: "kprobe", way: "kprobe.multi", attach: "trace_kprobe_multi", returns: true },
  "kprobe.session": { type: "kprobe", way: "kprobe.multi", attach: "trace_kprobe_session" },
  uprobe: { type: "kprobe", way: "uprobe" },
  uretprobe: { type: "kprobe", way: "uprobe" },
  "uprobe.multi": { type: "kprobe", way: "other", attach: "trace_uprobe_multi" },
  "uretprobe.multi": { type: "kprobe", way: "other", attach: "trace_uprobe_multi" },
  "uprobe.session": { type: "kprobe", way: "other", attach: "trace_uprobe_session" },
  usdt: { type: "kprobe", way: "usdt" },
  tc: { type: "sched_cls", way: "other" },
  tcx: { type: "sched_cls", way: "other" },
  classifier: { type: "sched_cls", way: "other" },
  action: { type: "sched_act", way: "other" },
  netkit: { type: "sched_cls", way: "other" },
  tracepoint: { type: "tracepoint", way: "tracepoint" },
  tp: { type: "tracepoint", way: "tracepoint" },
  raw_tracepoint: { type: "raw_tracepoint", way: "raw_tracepoint" },
  raw_tp: { type: "raw_tracepoint", way: "raw_tracepoint" },
  tp_btf: { type: "tracing", way: "trace", attach: "trace_raw_tp", prefix: "btf_trace_" },
  fentry: { type: "tracing", way: "trace", attach: "trace_fentry" },
  fexit: { type: "tracing", way: "trace", attach: "trace_fexit" },
  fmod_ret: { type: "tracing", way: "trace", attach: "modify_return" },
  fsession: { type: "tracing", way: "trace", attach: "trace_fsession" },
  freplace: { type: "ext", way: "other" },
  lsm: { type: "lsm", way: "trace", attach: "lsm_mac", prefix: "bpf_lsm_" },
  lsm_cgroup: { type: "lsm", way: "other" },
  iter: { type: "tracing", way: "iter", attach: "trace_iter", prefix: "bpf_iter_" },
  syscall: { type: "syscall", way: "other" },
  xdp: { type: "xdp", way: "other" },
  perf_event: { type: "perf_event", way: "perf" },
  lwt_in: { type: "lwt_in", way: "other" },
  lwt_out: { type: "lwt_out", way: "other" },
  lwt_xmit: { type: "lwt_xmit", way: "other" },
  lwt_seg6local: { type: "lwt_seg6local", way: "other" },
  sockops: { type: "sock_ops", way: "other" },
  sk_skb: { type: "sk_skb", way: "other" },
  sk_msg: { type: "sk_msg", way: "other" },
  lirc_mode2: { type: "lirc_mode2", way: "other" },
  flow_dissector: { type: "flow_dissector", way: "other" },
  cgroup_skb: { type: "cgroup_skb", way: "other" },
  cgroup: { type: "cgroup_sock_addr", way: "other" },
  struct_ops: { type: "struct_ops", way: "other" },
  sk_lookup: { type: "sk_lookup", way: "other" },
  netfilter: { type: "netfilter", way: "other" },
} as const satisfies Readonly<Record<string, SectionKind>>;

/** The first word of a SEC() string: `fentry`. */
export type SectionName = keyof typeof SECTIONS;

/** Sections of cgroups whose programs have types of their own: the word after `cgroup/`, up to which it is compared. */
const CGROUP_TYPES: Readonly<Record<string, ProgType>> = {
  skb: "cgroup_skb",
  dev: "cgroup_device",
  sysctl: "cgroup_sysctl",
  getsockopt: "cgroup_sockopt",
  setsockopt: "cgroup_sockopt",
  sock: "cgroup_sock",
  post_bind: "cgroup_sock",
};

/** A SEC() string taken apart. */
export interface ParsedSection extends SectionKind {
  /** The first word, which is a key of {@link SECTIONS}. */
  readonly name: SectionName;
  /** What the program is for, such as a function's name; empty if the section does not say. */
  readonly target: string;
  /** Whether the program may sleep (`fentry.s`). */
  readonly sleepable: boolean;
}

/** Takes a SEC() string apart; undefined for one that libbpf does not know, or that this table does not. */
export function parseSection(section: string): ParsedSection | undefined {
  const [, first = "", target = ""] = /^\??([^/]*)\/?(.*)$/s.exec(section) ?? [];
  const sleepable = first.endsWith(".s");
  const word = first.replace(/\.(?:s|w|frags)$/, "");
  if (!Object.hasOwn(SECTIONS, word)) return undefined;
  const name = word as SectionName;
  const kind: SectionKind = SECTIONS[name];
  const type = typeOf(first, name, target);
  return { ...kind, type, name, target, sleepable };
}

function typeOf(first: string, name: SectionName, target: string): ProgType {
  if (name === "cgroup") return cgroupType(target);
  return first.endsWith(".w") ? "raw_tracepoint_writable" : SECTIONS[name].type;
}

function cgroupType(target: string): ProgType {
  // cgroup/sockopt is none, and sock_create and sock_release are of one type.
  const found = Object.entries(CGROUP_TYPES).find(([word]) => target.startsWith(word));
  return found?.[1] ?? SECTIONS.cgroup.type;
}
