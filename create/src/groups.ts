import type { Template } from "../../toolchain/src/base/template.ts";

/** What templates are about, in the order in which one learns it, with the program types that belong to each. */
const GROUPS: readonly (readonly [group: string, programs: readonly string[]])[] = [
  ["First steps", []],
  ["Tracepoints", ["tracepoint", "raw_tracepoint", "raw_tp", "tp_btf"]],
  ["Kernel functions", ["kprobe", "kretprobe", "fentry", "fexit", "ksyscall", "kretsyscall"]],
  ["User space", ["uprobe", "uretprobe", "usdt"]],
  ["Profiling", ["perf_event"]],
  ["Networking", ["xdp", "tc", "tcx", "socket", "sk_skb", "sk_msg", "sockops", "cgroup_skb"]],
  ["Security", ["lsm"]],
  ["Kernel data", ["iter"]],
  ["More", []],
];

/** The group of a template: the one that it names, or the one of its first program. */
export function groupOf({ group, programs }: Pick<Template, "group" | "programs">): string {
  const [first = ""] = programs;
  return group ?? GROUPS.find(([, types]) => types.includes(first))?.[0] ?? "More";
}

/** Templates by group, in the order of the groups. A group that only a template names comes last. */
export function grouped(templates: readonly Template[]): ReadonlyMap<string, readonly Template[]> {
  const names = [...new Set([...GROUPS.map(([name]) => name), ...templates.map(groupOf)])];
  const all = names.map((name) => [name, templates.filter((one) => groupOf(one) === name)] as const);
  return new Map(all.filter(([, members]) => members.length > 0));
}
