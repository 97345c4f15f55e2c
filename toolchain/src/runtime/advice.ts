import { existsSync } from "node:fs";
import { permission, secrets, tokenRefused } from "./permission.ts";

/** What a person reads of an error: whole sentences, each of one line or more. */
export interface Advice {
  /** What failed: the call, what it was about, and the system's code. */
  readonly what: string;
  /** Why it failed; undefined where the cause is not known. */
  readonly why: string | undefined;
  /** What to do next; undefined where there is nothing better to say than the cause. */
  readonly next: string | undefined;
}

/** What is known of a failed call. */
export interface Failed {
  /** The function that failed, mostly one of libbpf's. */
  readonly call: string;
  /** The system's error, as a negative number; 0 if no system call failed. */
  readonly errno: number;
  /** The error's name: `EPERM`. */
  readonly code: string;
  /** The program, map or path that the call was about. */
  readonly subject: string;
  /** What libbpf logged meanwhile. */
  readonly log: string;
  /** Why the verifier refused a program, if that is what happened. */
  readonly rejection?: string;
  /** The whole wording, where whoever raises the error knows it already. */
  readonly words?: {
    readonly what: string;
    readonly why?: string | undefined;
    readonly next?: string | undefined;
  };
}

/** With this number the addon says that the libbpf it was built with is too old: -100000 - (major * 100 + minor). */
const NEEDS_LIBBPF = -100_000;

const WHOLE_LOG =
  "BPF_APP_LOG=verifier in the environment shows the whole log; in code it is the error's verifierLog.";

const SUMMARY: Readonly<Record<string, string>> = {
  bpf_object__open: "cannot open the skeleton",
  bpf_object__load: "cannot load",
};

/** Puts a failed call into words. All errors that libbpf and the kernel raise get theirs here. */
export function advise(failed: Failed): Advice {
  const { words, rejection, subject, code, call } = failed;
  if (words) return { what: words.what, why: words.why, next: words.next };
  if (rejection !== undefined) {
    const denied = /prohibited|leaks addr/.test(rejection) ? secrets() : undefined;
    return {
      what: `the kernel's verifier rejected ${subject}: ${rejection}\n`,
      why: denied?.why ?? verifierHint(rejection),
      next: denied?.next ?? WHOLE_LOG,
    };
  }
  if (failed.errno <= NEEDS_LIBBPF) {
    const version = NEEDS_LIBBPF - failed.errno;
    return {
      what: `${subject}: ${call} needs libbpf ${Math.floor(version / 100)}.${version % 100} or newer`,
      why: undefined,
      next: "Move vendor/libbpf to a newer tag and build again.",
    };
  }
  const summary = SUMMARY[call] ?? `${call} failed for`;
  const { why, next } = reasons(failed);
  const said = firstWarning(failed.log);
  return { what: `${summary} ${subject}: ${code}${said ? ` (${said})` : ""}`, why, next };
}

function reasons(failed: Failed): { why: string | undefined; next: string | undefined } {
  const { code, call, log } = failed;
  if (/failed to find valid kernel BTF|vmlinux BTF is not found|kernel BTF is missing/.test(log)) {
    return {
      why: "The program needs the kernel's BTF, and this kernel has none (/sys/kernel/btf/vmlinux).",
      next: "Use a kernel built with CONFIG_DEBUG_INFO_BTF=y, or give a BTF file with open({ btfCustomPath }).",
    };
  }
  if (
    /failed to (?:find|resolve).*(?:BTF (?:type )?ID|kernel function|tracepoint)|is not found in vmlinux BTF/.test(
      log,
    )
  ) {
    return {
      why: "The kernel has no such function or hook: names change between versions, and functions are inlined.",
      next: "Look the name up in /proc/kallsyms or `bpftool btf dump file /sys/kernel/btf/vmlinux`.",
    };
  }
  const refused = /create BPF token/.test(log) ? tokenRefused(code) : undefined;
  if (refused) return refused;
  // Where libbpf attaches by the section's name, only its log says what kind of hook it is.
  const hook = `${call} ${log}`;
  if (code === "EPERM" || code === "EACCES")
    return /attach.*kprobe/s.test(hook) && noKprobes() ? NO_KPROBES : permission(failed);
  if (code === "ENOENT" && /attach.*(?:tracepoint|usdt|kprobe|uprobe|ksyscall)/s.test(hook)) {
    return nothingThere(hook);
  }
  if (code === "EBADF") return { why: "It was closed, or its skeleton was destroyed.", next: undefined };
  if (code === "ENOENT" && /^bpf_tc_(?:hook_create|attach)$/.test(call)) {
    const [module, option] = call.endsWith("attach")
      ? ["cls_bpf", "CONFIG_NET_CLS_BPF"]
      : ["sch_ingress", "CONFIG_NET_SCH_INGRESS"];
    return {
      why: `Traffic control lacks a part: ${option} is off, or its module ${module} is not installed.`,
      next: `modprobe ${module}`,
    };
  }
  if (code === "ENOMEM" || (code === "E2BIG" && call.includes("map"))) {
    return {
      why: "The kernel could not get the memory, or the map is larger than it allows.",
      next: "Lower max_entries; before Linux 5.11 raise RLIMIT_MEMLOCK (ulimit -l unlimited).",
    };
  }
  if (code === "EINVAL" && /map.*(?:create|failed)/.test(log)) {
    return {
      why: "The kernel does not know this kind of map, or not with these sizes and flags.",
      next: "Check the map's definition against the kernel's version: probe.mapType() tells what it has.",
    };
  }
  if (/shared libraries without specific PID/.test(log)) {
    return {
      why: "Before Linux 5.15 a probe of a shared library can be attached in one process only, which has loaded it.",
      next: "Give the process's pid, or use a newer kernel.",
    };
  }
  if (code === "ENOTSUPP" || code === "EOPNOTSUPP" || code === "ENOSYS") {
    return {
      why: "This kernel has no support for it.",
      next: "The functions of `probe` tell what a kernel has.",
    };
  }
  return { why: undefined, next: undefined };
}

const NO_KPROBES = {
  why: "This kernel has no kprobes: it was built without CONFIG_KPROBE_EVENTS.",
  next: "Use another kernel, or a tracepoint or fentry program instead.",
};

function noKprobes(): boolean {
  return !existsSync("/sys/bus/event_source/devices/kprobe");
}

function nothingThere(hook: string): { why: string; next: string } {
  const tracefs = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].find((at) =>
    existsSync(`${at}/events`),
  );
  const kprobe = /kprobe|kretprobe|ksyscall/.test(hook);
  if (kprobe && noKprobes()) return NO_KPROBES;
  if (tracefs === undefined) {
    return {
      why: "The kernel's tracing file system is not mounted.",
      next: "mount -t tracefs tracefs /sys/kernel/tracing",
    };
  }
  const why = "There is nothing of that name to attach to.";
  if (kprobe) return { why, next: "See /proc/kallsyms." };
  if (/tracepoint/.test(hook)) return { why, next: "See /sys/kernel/tracing/available_events." };
  return { why, next: "See `nm -D` or `readelf -n` of the binary." };
}

/** The first thing that libbpf said: it is the cause, and what follows is what came of it. */
function firstWarning(log: string): string | undefined {
  const lines = log.split("\n").filter((line) => line.startsWith("libbpf: "));
  const line = lines.find(
    (text) => !/LOG --|Retrying|RLIMIT_MEMLOCK|failed to load (?:object|BPF skeleton)/.test(text),
  );
  return line?.slice("libbpf: ".length).trim();
}

const VERIFIER_HINTS: readonly (readonly [RegExp, string])[] = [
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

function verifierHint(rejection: string): string | undefined {
  return VERIFIER_HINTS.find(([pattern]) => pattern.test(rejection))?.[1];
}
