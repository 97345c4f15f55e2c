import { parseSection } from "../facts/sections.ts";
import { type Machine, textOf } from "./machine.ts";

const TRACING = ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"];

/** What a program would be attached to, and is not there. */
export interface Absent {
  /** A phrase: `the tracepoint sched/on_mars`. */
  readonly what: string;
  readonly fix: string;
}

const RENAMED =
  "Names change between kernels: run it on one that has it. The app's authors can attach to whichever is there (setAttachTarget, choose).";

/**
 * What a program's section names and this machine does not have. Programs of these kinds load all the same, and fail when they
 * are attached.
 *
 * @returns undefined if it is there, or if that cannot be told without attaching
 */
export function absentTarget(section: string, machine: Machine): Absent | undefined {
  const parsed = parseSection(section);
  if (parsed === undefined || parsed.target === "") return undefined;
  const { way, target } = parsed;
  if (way === "tracepoint") return tracepoint(target, machine);
  if (way === "kprobe") return func(target, machine);
  if (way === "uprobe" || way === "usdt") return binary(target, machine);
  return undefined;
}

function tracepoint(target: string, machine: Machine): Absent | undefined {
  // A folder that may not be entered is no sign that the tracepoint is not there.
  const found = TRACING.filter((place) => "text" in machine.read(`${place}/events/header_page`));
  const missing = found.every((place) => {
    const read = machine.read(`${place}/events/${target}/id`);
    return "error" in read && read.error === "ENOENT";
  });
  return found.length > 0 && missing ? { what: `the tracepoint ${target}`, fix: RENAMED } : undefined;
}

function func(target: string, machine: Machine): Absent | undefined {
  const name = target.replace(/\+.*$/, "");
  if (!/^[\w.]+$/.test(name)) return undefined;
  const symbols = symbolsOf(machine);
  const there = symbols === undefined || [` ${name}\n`, ` ${name}\t`].some((one) => symbols.includes(one));
  return there ? undefined : { what: `the function ${name}`, fix: RENAMED };
}

/** The kernel's symbols are megabytes, and read once. */
const known = new WeakMap<Machine, string>();

function symbolsOf(machine: Machine): string | undefined {
  const before = known.get(machine);
  if (before !== undefined) return before;
  const text = textOf(machine, "/proc/kallsyms");
  // A kernel without symbols, or a file that hides them, says nothing.
  if (!text?.includes("\n")) return undefined;
  known.set(machine, text);
  return text;
}

function binary(target: string, machine: Machine): Absent | undefined {
  const [, path] = /^(\/[^:]+):/.exec(target) ?? [];
  if (path === undefined || machine.exists(path)) return undefined;
  return { what: `the file ${path}`, fix: "Install what the app looks into, or run it where that is." };
}
