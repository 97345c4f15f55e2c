import { existsSync, readFileSync } from "node:fs";
import { MAP_NUMBERS } from "../facts/map-types.ts";
import { typeNumber } from "../facts/number.ts";
import { PROG_TYPES } from "../facts/prog-types.ts";
import { StateError } from "./errors.ts";
import { anyNative } from "./native.ts";

/**
 * What the running kernel has. Those that try something out need a skeleton to have been opened, and the privileges to
 * load programs; without them the answer is an error rather than a wrong "no".
 */
export const probe = {
  /** @param type for example "lsm" @throws StateError, RangeError for a type unknown to libbpf */
  progType(type: string): boolean {
    return ask("libbpf_probe_bpf_prog_type", "prog", typeNumber(PROG_TYPES, type, "program"), 0);
  },

  /** @param type for example "ringbuf" */
  mapType(type: string): boolean {
    return ask("libbpf_probe_bpf_map_type", "map", typeNumber(MAP_NUMBERS, type, "map"), 0);
  },

  /** @param helper `enum bpf_func_id`, for example 130 for bpf_ringbuf_output @param type the program that calls it; not tracing, lsm, ext or struct_ops */
  helper(helper: number, type: string): boolean {
    return ask("libbpf_probe_bpf_helper", "helper", helper, typeNumber(PROG_TYPES, type, "program"));
  },

  /** The kernel describes its own types: needed for CO-RE, fentry, LSM and iterators. */
  kernelBtf(): boolean {
    return existsSync("/sys/kernel/btf/vmlinux");
  },

  /** BPF is among the active security modules; it has to be named on the kernel's command line (lsm=…,bpf). */
  bpfLsm(): boolean {
    return read("/sys/kernel/security/lsm")?.trim().split(",").includes("bpf") ?? false;
  },

  /** The kernel was built with kprobes. */
  kprobes(): boolean {
    return existsSync("/sys/bus/event_source/devices/kprobe");
  },

  uprobes(): boolean {
    return existsSync("/sys/bus/event_source/devices/uprobe");
  },

  /** Programs can be attached to kernel functions through BTF and ftrace (fentry, fexit, tp_btf). */
  fentry(): boolean {
    return probe.kernelBtf() && probe.progType("tracing") && hasSymbol("bpf_trampoline_link_prog");
  },

  /** There is a tracepoint of that name; needs tracefs. */
  tracepoint(category: string, name: string): boolean {
    return ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].some((place) =>
      existsSync(`${place}/events/${category}/${name}/id`),
    );
  },
};

/** The first of `choices` whose probe says yes: how a program falls back, for example from fentry to kprobe. */
export function firstOf<T>(
  ...choices: readonly (readonly [choice: T, has: boolean | (() => boolean)])[]
): T | undefined {
  return choices.find(([, has]) => (typeof has === "function" ? has() : has))?.[0];
}

function ask(call: string, what: "prog" | "map" | "helper", number: number, progType: number): boolean {
  const result = anyNative(call).probe(what, number, progType);
  if (result >= 0) return result === 1;
  if (result === EOPNOTSUPP)
    throw new StateError(call, "helpers of this type of program cannot be tried out");
  throw new StateError(
    call,
    `this process may not try what the kernel has (errno ${-result})`,
    "Run it with sudo.",
  );
}

const EOPNOTSUPP = -95;

function hasSymbol(name: string): boolean {
  return read("/proc/kallsyms")?.includes(` ${name}\n`) ?? false;
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
