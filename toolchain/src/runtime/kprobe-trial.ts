import { readFileSync } from "node:fs";
import { ATTACH_TYPES } from "../facts/attach-types.ts";
import type { ParsedSection } from "../facts/sections.ts";
import { EINVAL, ENOENT } from "./errno.ts";
import { errnoName } from "./errors.ts";
import { anyNative } from "./native.ts";
import { token } from "./needs.ts";
import { tracefsFile } from "./tracefs.ts";
import type { Refusal } from "./trial.ts";

/** The kernel's kprobe events. Each kind of event has a number that differs from boot to boot, and bits that the kernel names. */
const PMU = "/sys/bus/event_source/devices/kprobe";

const NO_KPROBES = "this kernel has no kprobes (it was built without CONFIG_KPROBE_EVENTS)";

/** What the kernel means by its errors when a kprobe is set (kernel/kprobes.c, kernel/trace/trace_kprobe.c). */
const REASONS: Readonly<Record<string, string>> = {
  ENOENT: "has no function of that name that a kprobe can be set on: it was renamed, or inlined",
  EINVAL: "allows no kprobe there: the function is on its blacklist, or its compiler has changed it",
  EADDRNOTAVAIL: "has several functions of that name",
  EILSEQ: "has no instruction that begins there",
  EBUSY: "has that place in use otherwise",
};

/** Tries a kprobe on a function, `NAME` or `NAME+OFFSET`. Without a name it only looks whether there are kprobes. */
export function tryFunction(call: string, target: string, returns = false): Refusal | undefined {
  const native = anyNative(call);
  const type = kprobeType();
  if (type === undefined) return { errno: ENOENT, why: NO_KPROBES };
  if (target === "") return undefined;
  const [, name = target, offset = "0"] = /^([^+]+)(?:\+(0x[0-9a-f]+|\d+))?$/i.exec(target) ?? [];
  const errno = native.tryKprobe({
    type,
    function: name,
    offset: BigInt(offset),
    returns: returns ? returnBit() : 0n,
  });
  if (errno === 0) return undefined;
  return {
    errno,
    why: `this kernel ${REASONS[errnoName(errno)] ?? "does not let a kprobe be set there"}: ${target}`,
  };
}

/** What the kernel calls the functions of system calls: with an architecture's wrapper since Linux 4.17, or without. */
const SYSCALL_PREFIXES = [process.arch === "arm64" ? "__arm64_sys_" : "__x64_sys_", "__se_sys_"];

/** Tries a kprobe on a system call, under the names that libbpf would look for. */
export function trySyscall(call: string, target: string, returns = false): Refusal | undefined {
  const refusals = SYSCALL_PREFIXES.map((prefix) => tryFunction(call, prefix + target, returns));
  return refusals.includes(undefined) ? undefined : refusals[0];
}

/** Tries one link to the functions that a pattern matches. The first of them stands for all. */
export function tryFunctions(call: string, { target, attach, returns }: ParsedSection): Refusal | undefined {
  const found = firstMatch(target);
  if (typeof found === "number")
    return { errno: found, why: `no function that can be traced matches ${target}` };
  const { error, step } = anyNative(call).tryKprobeMulti({
    symbols: [found],
    attachType: ATTACH_TYPES[attach ?? "trace_kprobe_multi"],
    retprobe: returns === true,
    token: token(),
  });
  if (error === 0) return undefined;
  const why =
    step === "load" || error === EINVAL
      ? "this kernel has no kprobes for many functions at once (Linux 5.18)"
      : `this kernel does not let ${found} be traced so`;
  return { errno: error, why };
}

/** The first function that a pattern with `*` and `?` matches; a negative error if there is none. */
function firstMatch(pattern: string): string | number {
  if (!/[*?]/.test(pattern)) return pattern;
  const list = tracefsFile("available_filter_functions");
  if (typeof list === "number") return list;
  const source = pattern
    .replaceAll(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("*", "\\S*")
    .replaceAll("?", "\\S");
  return new RegExp(`^${source}(?=\\s|$)`, "m").exec(list)?.[0] ?? ENOENT;
}

function kprobeType(): number | undefined {
  const type = read("type");
  return type === undefined ? undefined : Number(type);
}

/** The bit of the event's configuration that asks for the return: `config:0` in the file that describes it. */
function returnBit(): bigint {
  return 1n << BigInt(/config:(\d+)/.exec(read("format/retprobe") ?? "")?.[1] ?? 0);
}

function read(file: string): string | undefined {
  try {
    return readFileSync(`${PMU}/${file}`, "latin1");
  } catch {
    return undefined;
  }
}
