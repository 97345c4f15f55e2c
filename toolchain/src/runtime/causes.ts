// The causes of errors that libbpf and the kernel raise, in words. advice.ts finds out which it is; docs/troubleshooting.md
// has all of them.

export interface Cause {
  readonly why: string;
  /** Undefined where there is nothing better to say than the cause. */
  readonly next?: string;
}

/** Why a call failed, by what advice.ts has recognised. */
export const CAUSES = {
  "no-kernel-btf": {
    why: "The program needs the kernel's BTF, and this kernel has none (/sys/kernel/btf/vmlinux).",
    next: "Build the app with BTF of this kernel (npm run build -- BTF=FOLDER), use a kernel built with CONFIG_DEBUG_INFO_BTF=y, or give a BTF file with open({ btfCustomPath }).",
  },
  "no-own-btf": {
    why: "The program is attached by the kernel's own BTF, or uses its functions or structs by it, and this kernel has none (/sys/kernel/btf/vmlinux). BTF that the file brings only fits accesses to the kernel's structs (CO-RE); it cannot stand in for the kernel's own.",
    next: "Use a kprobe, a tracepoint or a raw tracepoint there; choose() can decide at run time. Or use a kernel built with CONFIG_DEBUG_INFO_BTF=y.",
  },
  "no-such-hook": {
    why: "The kernel has no such function or hook: names change between versions, and functions are inlined.",
    next: "Look the name up in /proc/kallsyms or `bpftool btf dump file /sys/kernel/btf/vmlinux`.",
  },
  "no-kprobes": {
    why: "This kernel has no kprobes: it was built without CONFIG_KPROBE_EVENTS.",
    next: "Use another kernel, or a tracepoint or fentry program instead.",
  },
  "no-tracefs": {
    why: "The kernel's tracing file system is not mounted.",
    next: "mount -t tracefs tracefs /sys/kernel/tracing",
  },
  "no-bpf-fs": {
    why: "No BPF file system is mounted there, and nothing can be pinned elsewhere.",
    next: "mount -t bpf bpf /sys/fs/bpf",
  },
  "no-such-function": {
    why: "There is nothing of that name to attach to.",
    next: "See /proc/kallsyms.",
  },
  "no-such-tracepoint": {
    why: "There is nothing of that name to attach to.",
    next: "See /sys/kernel/tracing/available_events.",
  },
  "no-such-symbol": {
    why: "There is nothing of that name to attach to.",
    next: "See `nm -D` or `readelf -n` of the binary.",
  },
  closed: { why: "It was closed, or its skeleton was destroyed." },
  "no-cls-bpf": {
    why: "Traffic control lacks a part: CONFIG_NET_CLS_BPF is off, or its module cls_bpf is not installed.",
    next: "modprobe cls_bpf",
  },
  "no-sch-ingress": {
    why: "Traffic control lacks a part: CONFIG_NET_SCH_INGRESS is off, or its module sch_ingress is not installed.",
    next: "modprobe sch_ingress",
  },
  "no-memory": {
    why: "The kernel could not get the memory, or the map is larger than it allows.",
    next: "Lower max_entries; before Linux 5.11 raise RLIMIT_MEMLOCK (ulimit -l unlimited).",
  },
  "no-such-map": {
    why: "The kernel does not know this kind of map, or not with these sizes and flags.",
    next: "Check the map's definition against the kernel's version: probe.mapType() tells what it has.",
  },
  "shared-library": {
    why: "Before Linux 5.15 a probe of a shared library can be attached in one process only, which has loaded it.",
    next: "Give the process's pid, or use a newer kernel.",
  },
  "no-support": {
    why: "This kernel has no support for it.",
    next: "The functions of `probe` tell what a kernel has.",
  },
} as const satisfies Readonly<Record<string, Cause>>;

/** What to do about what the verifier says: a pattern for its words, and the advice. */
export const VERIFIER_HINTS: readonly (readonly [RegExp, string])[] = [
  [/_or_null'/, "The pointer may be NULL there: compare it with NULL before it is used."],
  [
    /!read_ok|never been initialized/,
    "Something is read that was not written on every path to here: initialise it.",
  ],
  [
    /invalid (?:indirect )?read from stack/,
    "Part of what is handed over was never written: initialise all of it, padding too.",
  ],
  [
    /unbounded memory access|zero-sized read|(?:min|max) value is|invalid access to (?:map value|memory|packet)|outside of the (?:allowed memory|packet)/,
    "The verifier cannot see that the access stays inside: compare offset and length with the bounds right before it.",
  ],
  [
    /infinite loop|back-edge|too (?:large|complex)|jumps is too complex/,
    "Bound the loop by a small constant, or use bpf_loop().",
  ],
  [
    /unknown func|cannot use helper|invalid func|not allowed for/,
    "This kernel has no such helper for this type of program: see probe.helper().",
  ],
  [
    /number of funcs in func_info doesn't match/,
    "This kernel takes no function as an argument of a helper, as bpf_loop and bpf_for_each_map_elem do: that came with Linux 5.13.",
  ],
  [/GPL/, 'Give the object a licence: char LICENSE[] SEC("license") = "GPL";'],
  [
    /reference.*leak|Unreleased reference/,
    "What was acquired or reserved must be released, submitted or discarded on every path.",
  ],
];
