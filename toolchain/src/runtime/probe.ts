import { existsSync, readFileSync } from "node:fs";
import { MAP_NUMBERS } from "../facts/map-types.ts";
import { typeNumber } from "../facts/number.ts";
import { PROG_TYPES } from "../facts/prog-types.ts";
import { EOPNOTSUPP } from "./errno.ts";
import { StateError } from "./errors.ts";
import { hasMember } from "./kernel-types.ts";
import { anyNative } from "./native.ts";
import { obstacle } from "./trial.ts";

/** A function of net/bpf/test_run.c that nothing but tests of BPF uses. */
const TESTED = "bpf_fentry_test1";

/** What {@link probe} can tell of the running kernel. */
export interface KernelProbe {
  /**
   * Whether programs of a type can be loaded.
   *
   * @param type - its name in `enum bpf_prog_type`, such as `lsm`
   * @throws {@link StateError} before any skeleton has been opened, or if this process may not try
   * @throws `RangeError` if there is no type of that name
   */
  progType(type: string): boolean;

  /**
   * Whether maps of a type can be created.
   *
   * @param type - its name in `enum bpf_map_type`, such as `ringbuf`
   * @throws {@link StateError} before any skeleton has been opened, or if this process may not try
   * @throws `RangeError` if there is no type of that name
   */
  mapType(type: string): boolean;

  /**
   * Whether programs of a type can call a helper. It cannot be tried out for the types tracing, lsm, ext and struct_ops.
   *
   * @param helper - its number in `enum bpf_func_id`, such as 130 for bpf_ringbuf_output
   * @param type - the type of the program that calls it
   * @throws {@link StateError} before any skeleton has been opened, if this process may not try, or for such a type
   * @throws `RangeError` if there is no type of that name
   */
  helper(helper: number, type: string): boolean;

  /** Whether the kernel describes its own types (BTF), which CO-RE, fentry, LSM and iterators need. */
  kernelBtf(): boolean;

  /** Whether BPF is among the active security modules; it has to be named on the kernel's command line (lsm=…,bpf). */
  bpfLsm(): boolean;

  /** Whether the kernel was built with kprobes. */
  kprobes(): boolean;

  /** Whether the kernel was built with uprobes. */
  uprobes(): boolean;

  /**
   * Whether programs can be attached to the kernel's functions through BTF and ftrace (fentry, fexit, tp_btf). With a name
   * it is tried for this very function: a program that does nothing is attached and detached again. A list such as
   * /proc/kallsyms does not tell it, for functions are inlined, not described by BTF, or not to be traced.
   *
   * @param functionName - the function's name; without one it is about any function
   * @throws {@link StateError} before any skeleton has been opened, or if this process may not try
   */
  fentry(functionName?: string): boolean;

  /**
   * Whether a kprobe can be set on this function. It is tried, and removed again.
   *
   * @param functionName - the function's name, `NAME` or `NAME+OFFSET`
   * @throws {@link StateError} before any skeleton has been opened, or if this process may not try
   */
  kprobe(functionName: string): boolean;

  /**
   * Whether a tp_btf program can be attached to this tracepoint. It is tried, and removed again.
   *
   * @param name - the tracepoint's name, without its category: `sched_switch`
   * @throws {@link StateError} before any skeleton has been opened, or if this process may not try
   */
  tpBtf(name: string): boolean;

  /**
   * What keeps a program with this section from being attached. It is tried, and removed again. Sections that do not name
   * what they are for, such as `xdp` and `uprobe`, are asked for their type of program only.
   *
   * @param section - a SEC() string: `fexit/vfs_read`
   * @returns a sentence without its full stop; undefined if nothing does
   * @throws {@link StateError} before any skeleton has been opened, or if this process may not try
   * @throws `RangeError` if it is no section that libbpf knows
   */
  whyNot(section: string): string | undefined;

  /**
   * Whether the kernel, or one of its modules, has a struct or union, as its BTF says. No privilege is needed.
   *
   * @param type - its name: `task_struct`
   * @param member - a member of it; `a.b` is the member b of its member a. Members of nameless members count as its own.
   * @throws {@link StateError} before any skeleton has been opened, or if the kernel has no BTF
   */
  struct(type: string, member?: string): boolean;

  /**
   * Whether there is a tracepoint of that name. It is looked up in tracefs, which has to be mounted.
   *
   * @param category - the folder that it is in: `sched`
   * @param name - the tracepoint's name: `sched_process_exec`
   */
  tracepoint(category: string, name: string): boolean;
}

/**
 * Tells what the running kernel has. The functions that try something out need a skeleton to have been opened, and the
 * privileges to load programs; without them they throw, rather than give a wrong "no".
 */
export const probe: KernelProbe = {
  progType(type: string): boolean {
    return ask("libbpf_probe_bpf_prog_type", "prog", typeNumber(PROG_TYPES, type, "program"), 0);
  },

  mapType(type: string): boolean {
    return ask("libbpf_probe_bpf_map_type", "map", typeNumber(MAP_NUMBERS, type, "map"), 0);
  },

  helper(helper: number, type: string): boolean {
    return ask("libbpf_probe_bpf_helper", "helper", helper, typeNumber(PROG_TYPES, type, "program"));
  },

  kernelBtf(): boolean {
    return existsSync("/sys/kernel/btf/vmlinux");
  },

  bpfLsm(): boolean {
    return read("/sys/kernel/security/lsm")?.trim().split(",").includes("bpf") ?? false;
  },

  kprobes(): boolean {
    return existsSync("/sys/bus/event_source/devices/kprobe");
  },

  uprobes(): boolean {
    return existsSync("/sys/bus/event_source/devices/uprobe");
  },

  fentry(functionName?: string): boolean {
    if (functionName !== undefined) return obstacle("probe.fentry", `fentry/${functionName}`) === undefined;
    return (
      probe.kernelBtf() &&
      probe.progType("tracing") &&
      // Kernels with networking have this function, which is there for such trials.
      (hasSymbol(TESTED) ? probe.fentry(TESTED) : hasSymbol("bpf_trampoline_link_prog"))
    );
  },

  kprobe(functionName: string): boolean {
    return obstacle("probe.kprobe", `kprobe/${functionName}`) === undefined;
  },

  tpBtf(name: string): boolean {
    return obstacle("probe.tpBtf", `tp_btf/${name}`) === undefined;
  },

  whyNot(section: string): string | undefined {
    return obstacle("probe.whyNot", section);
  },

  struct(type: string, member = ""): boolean {
    return hasMember("probe.struct", type, member);
  },

  tracepoint(category: string, name: string): boolean {
    return ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"].some((place) =>
      existsSync(`${place}/events/${category}/${name}/id`),
    );
  },
};

/**
 * Chooses the first way that the kernel has, so that an app can fall back from fentry to a kprobe, for example.
 *
 * @param choices - pairs of a choice and whether the kernel has it, or a function that tells; later ones are not called
 * @returns undefined if the kernel has none of them
 */
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
