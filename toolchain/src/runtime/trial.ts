import { readFileSync } from "node:fs";
import { release } from "node:os";
import { ATTACH_TYPES } from "../facts/attach-types.ts";
import { type Needed, neededCapabilities, USUAL_MACHINE } from "../facts/capabilities.ts";
import { PROG_TYPES } from "../facts/prog-types.ts";
import { type ParsedSection, parseSection } from "../facts/sections.ts";
import { EINVAL, ENOENT } from "./errno.ts";
import { errnoName, StateError } from "./errors.ts";
import { kernelTypes } from "./kernel-types.ts";
import { tryFunction, tryFunctions, trySyscall } from "./kprobe-trial.ts";
import { anyNative, type Trial } from "./native.ts";
import { inUserNamespace, missing, remedy, token } from "./needs.ts";
import { namespace } from "./permission.ts";
import { tracefsFile } from "./tracefs.ts";

/** What a trial found: nothing if it succeeded, else the error and a sentence about it. */
export interface Refusal {
  /** A negative error. */
  readonly errno: number;
  readonly why: string;
  /** A capability that the trial takes beyond those of its program. */
  readonly also?: Needed;
}

/** Sections that were tried, with what keeps their programs from being attached. */
const known = new Map<string, string | undefined>();

/**
 * Tries whether a program with this section can be attached, with a program that does nothing and is detached at once.
 * What was found is remembered as long as the process lives.
 *
 * @param call - on whose behalf it is tried, for the error
 * @param section - a SEC() string
 * @returns why it cannot; undefined if it can, and also where the section does not name all that it is attached to
 * @throws {@link StateError} before any skeleton has been opened, or if this process may not try
 * @throws `RangeError` if it is no section that libbpf knows
 */
export function obstacle(call: string, section: string): string | undefined {
  const key = section.replace(/^\?/, "");
  if (known.has(key)) return known.get(key);
  const parsed = parseSection(key);
  if (!parsed) throw new RangeError(`${call}: libbpf knows no section ${JSON.stringify(section)}`);
  const refusal = attempt(call, parsed);
  if (refusal) mayTry(call, key, refusal);
  const why = refusal && `${refusal.why} (${errnoName(refusal.errno)})`;
  known.set(key, why);
  return why;
}

function attempt(call: string, section: ParsedSection): Refusal | undefined {
  const { way, target } = section;
  if (target === "" && (way === "trace" || way === "iter"))
    return { errno: EINVAL, why: "neither its section nor setAttachTarget() names what it is attached to" };
  if (target !== "" || way === "perf") {
    if (way === "trace" || way === "iter") return tryTrace(call, section);
    if (way === "kprobe") return tryFunction(call, target, section.returns);
    if (way === "ksyscall") return trySyscall(call, target, section.returns);
    if (way === "kprobe.multi") return tryFunctions(call, section);
    if (way === "raw_tracepoint") return tryRawTracepoint(call, section);
    if (way === "tracepoint") return tryTracepoint(call, target);
  }
  return tryType(call, section);
}

/** A program type can be asked for where the section does not say what the program is attached to. */
function tryType(call: string, { type, way }: ParsedSection): Refusal | undefined {
  const refused = ["kprobe", "ksyscall"].includes(way) ? tryFunction(call, "", false) : undefined;
  if (refused) return refused;
  const result = anyNative(call).probe("prog", PROG_TYPES[type], 0);
  if (result === 1) return undefined;
  if (result < 0)
    return { errno: result, why: `it cannot be found out whether there are programs of type ${type}` };
  return { errno: EINVAL, why: `this kernel has no programs of type ${type}` };
}

/** The BPF_F_SLEEPABLE of linux/bpf.h. */
const SLEEPABLE = 16;
/** BTF_KIND_TYPEDEF and BTF_KIND_FUNC of linux/btf.h. */
const TYPEDEF = 8;
const FUNC = 12;

function tryTrace(call: string, section: ParsedSection): Refusal | undefined {
  const { name, target, type, attach, prefix = "", sleepable, way } = section;
  const types = kernelTypes(call);
  if (types === undefined)
    return { errno: ENOENT, why: "this kernel does not describe its types (it has no BTF)" };
  const trial = anyNative(call).tryTrace(types, {
    type: PROG_TYPES[type],
    attachType: ATTACH_TYPES[attach ?? "trace_fentry"],
    flags: sleepable ? SLEEPABLE : 0,
    name: `${prefix}${target}`,
    kind: name === "tp_btf" ? TYPEDEF : FUNC,
    // An iterator is not run by attaching, and what else it takes is not known.
    attach: way !== "iter",
    token: token(),
  });
  return trial.error === 0 ? undefined : { errno: trial.error, ...traceRefusal(section, trial) };
}

const WHAT: Readonly<Record<string, string>> = {
  tp_btf: "tracepoint",
  lsm: "security hook",
  iter: "iterator",
};

function traceRefusal(
  { name, target }: ParsedSection,
  { step, error, module, log }: Trial,
): Omit<Refusal, "errno"> {
  const what = WHAT[name] ?? "function";
  if (step === "find") return { why: notDescribed(what, target) };
  if (step === "module") {
    return {
      why: `${target} is in the module ${module}, whose types are found by their id`,
      also: { capability: "CAP_SYS_ADMIN", reasons: ["looks up the types of kernel modules"] },
    };
  }
  if (step === "load") {
    const said = log.split("\n").find((line) => line !== "" && !line.startsWith("processed "));
    return {
      why: `the kernel does not load a ${name} program for the ${what} ${target}${said ? `: ${said}` : ""}`,
    };
  }
  const busy = errnoName(error) === "EBUSY" ? ", which has no place for it or is taken" : "";
  return { why: `the kernel does not let a ${name} program be attached to the ${what} ${target}${busy}` };
}

/**
 * Compilers make variants of functions, under names with a dot in them, which BTF does not have. A module's name follows
 * those of its functions.
 */
function notDescribed(what: string, target: string): string {
  const symbols = readFileSync("/proc/kallsyms", "latin1");
  const at = symbols.indexOf(` ${target}.`);
  if (what === "function" && at >= 0) {
    const variant = /^\S+/.exec(symbols.slice(at + 1, at + 256))?.[0];
    return `the kernel's BTF has no function ${target}, which its compiler has made into ${variant}`;
  }
  if (what === "function" && ["\n", "\t["].some((end) => symbols.includes(` ${target}${end}`)))
    return `the kernel's BTF does not describe the function ${target}`;
  return `this kernel has no ${what} ${target}`;
}

function tryRawTracepoint(call: string, { target }: ParsedSection): Refusal | undefined {
  const { error, step } = anyNative(call).tryRawTracepoint(target, PROG_TYPES.raw_tracepoint, token());
  if (error === 0) return undefined;
  if (error === ENOENT) return { errno: error, why: `this kernel has no tracepoint ${target}` };
  return {
    errno: error,
    why: `a raw_tp program cannot be ${step}ed for ${target}`.replace("attached for", "attached to"),
  };
}

/** `enum perf_type_id` of linux/perf_event.h. */
const PERF_TYPE_TRACEPOINT = 2;

function tryTracepoint(call: string, target: string): Refusal | undefined {
  const id = tracefsFile(`events/${target}/id`);
  if (typeof id === "number") {
    const why = id === ENOENT ? `there is no tracepoint ${target}` : `tracefs does not tell about ${target}`;
    return { errno: id, why };
  }
  const native = anyNative(call);
  const fd = native.perfEventOpen({ type: PERF_TYPE_TRACEPOINT, config: Number(id), pid: -1, cpu: 0 });
  if (fd < 0) return { errno: fd, why: `the tracepoint ${target} cannot be opened` };
  native.closeFd(fd);
  return undefined;
}

/**
 * Tells a kernel that does not have something from one that does not let this process try.
 *
 * @throws {@link StateError} in the second case
 */
function mayTry(call: string, section: string, { errno, also }: Refusal): void {
  if (!["EPERM", "EACCES"].includes(errnoName(errno))) return;
  const own = neededCapabilities(
    { programs: [{ section }], maps: [], helpers: [], subtracts: false },
    USUAL_MACHINE,
  );
  const needed = also ? [...own, also] : own;
  const lacking = missing(needed).map(({ capability }) => capability);
  if (lacking.length === 0 && !inUserNamespace()) return;
  const lack = lacking.length > 0 ? `without ${lacking.join(", ")}` : "in a user namespace";
  throw new StateError(
    call,
    `this process may not try whether ${section} can be attached on Linux ${release()}: ${errnoName(errno)} ${lack}`,
    inUserNamespace() ? namespace().next : remedy(needed),
  );
}
