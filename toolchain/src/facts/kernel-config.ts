import type { ObjectParts } from "./capabilities.ts";
import type { ProgType } from "./prog-types.ts";
import { parseSection, type SectionName, type Way } from "./sections.ts";

/** An option of the kernel's configuration that something takes. Any of the conditions is enough. */
interface Rule {
  /** Without CONFIG_. Of several names one is enough: the option was renamed, or another one does the same. */
  readonly option: readonly [string, ...string[]];
  /** Goes on after the option's name: `CONFIG_BPF_SYSCALL is BPF itself`. */
  readonly reason: string;
  readonly always?: true;
  readonly types?: readonly ProgType[];
  readonly ways?: readonly Way[];
  readonly sections?: readonly SectionName[];
  readonly maps?: readonly string[];
  /** Programs look at the kernel's own types, by CO-RE or by what they are attached to. */
  readonly btf?: true;
}

/** The types of programs that are attached to a folder of the cgroup file system. */
export const CGROUP: readonly ProgType[] = [
  "cgroup_skb",
  "cgroup_sock",
  "cgroup_device",
  "cgroup_sock_addr",
  "cgroup_sysctl",
  "cgroup_sockopt",
  "sock_ops",
];

const RULES: readonly Rule[] = [
  { option: ["BPF_SYSCALL"], reason: "is BPF itself", always: true },
  { option: ["DEBUG_INFO_BTF"], reason: "describes the kernel's types", btf: true },
  {
    option: ["BPF_JIT"],
    reason: "compiles programs, without which none can be put into a function",
    types: ["tracing", "lsm", "struct_ops", "ext"],
  },
  {
    option: ["BPF_EVENTS"],
    reason: "lets programs run at kprobes, uprobes and tracepoints",
    types: ["kprobe", "tracepoint", "raw_tracepoint", "raw_tracepoint_writable", "perf_event"],
  },
  { option: ["KPROBE_EVENTS"], reason: "is what kprobes are set by", ways: ["kprobe", "ksyscall"] },
  { option: ["UPROBE_EVENTS"], reason: "is what uprobes are set by", ways: ["uprobe", "usdt"] },
  { option: ["FPROBE"], reason: "sets probes at many functions at once", ways: ["kprobe.multi"] },
  {
    option: ["FUNCTION_TRACER"],
    reason: "lets functions be patched",
    sections: ["fentry", "fexit", "fmod_ret", "fsession", "lsm"],
  },
  { option: ["BPF_LSM"], reason: "lets programs be security hooks", types: ["lsm"] },
  { option: ["PERF_EVENTS"], reason: "counts and samples", types: ["perf_event"] },
  { option: ["CGROUP_BPF"], reason: "attaches programs to cgroups", types: CGROUP, sections: ["lsm_cgroup"] },
  {
    option: ["NET_CLS_BPF", "NET_XGRESS"],
    reason: "lets programs classify packets",
    types: ["sched_cls"],
  },
  { option: ["NET_ACT_BPF"], reason: "lets programs be actions of traffic control", types: ["sched_act"] },
  { option: ["XDP_SOCKETS"], reason: "hands packets to sockets", maps: ["xskmap"] },
  {
    option: ["BPF_STREAM_PARSER", "NET_SOCK_MSG"],
    reason: "hands streams to programs",
    types: ["sk_skb", "sk_msg"],
  },
  { option: ["LWTUNNEL_BPF"], reason: "runs programs in routes", types: ["lwt_in", "lwt_out", "lwt_xmit"] },
  { option: ["IPV6_SEG6_BPF"], reason: "runs programs in segment routing", types: ["lwt_seg6local"] },
  { option: ["BPF_LIRC_MODE2"], reason: "decodes remote controls", types: ["lirc_mode2"] },
  { option: ["NETFILTER_BPF_LINK"], reason: "attaches programs to netfilter", types: ["netfilter"] },
];

/** An option that an object takes. */
export interface NeededOption {
  /** With CONFIG_. One of several is enough. */
  readonly options: readonly string[];
  readonly reason: string;
}

/** The options of the kernel's configuration that it takes to load and attach an object. */
export function neededOptions(object: Pick<ObjectParts, "programs" | "maps">, btf: boolean): NeededOption[] {
  const sections = object.programs.flatMap(({ section }) => parseSection(section) ?? []);
  return RULES.filter(
    (rule) =>
      rule.always ||
      (rule.btf && btf) ||
      sections.some(
        ({ type, way, name }) =>
          rule.types?.includes(type) || rule.ways?.includes(way) || rule.sections?.includes(name),
      ) ||
      object.maps.some(({ type }) => rule.maps?.includes(type)),
  ).map(({ option, reason }) => ({ options: option.map((name) => `CONFIG_${name}`), reason }));
}
