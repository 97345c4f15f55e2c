import { CGROUP } from "../facts/kernel-config.ts";
import { parseSection } from "../facts/sections.ts";
import type { App } from "./app.ts";
import { containerOf, startedWith } from "./container.ts";
import type { Finding } from "./finding.ts";
import { type Machine, textOf } from "./machine.ts";

/** A file system that is mounted. */
export interface Mounted {
  readonly place: string;
  readonly type: string;
  readonly options: readonly string[];
}

/** What this process sees mounted, in the order of mounting; undefined where /proc is not. */
export function mountsOf(machine: Machine): Mounted[] | undefined {
  return textOf(machine, "/proc/self/mounts")
    ?.split("\n")
    .map((line) => line.split(" "))
    .filter(([, place]) => place !== undefined)
    .map(([, place = "", type = "", options = ""]) => ({
      // Blanks and the like are written by their number.
      place: place.replace(/\\([0-7]{3})/g, (_, digits) => String.fromCharCode(Number.parseInt(digits, 8))),
      type,
      options: options.split(","),
    }));
}

/** The mount that a path lies in; the last one hides those before it. */
export function mountOf(machine: Machine, path: string): Mounted | undefined {
  const within = (mountsOf(machine) ?? []).filter(
    ({ place }) => place === "/" || path === place || path.startsWith(`${place}/`),
  );
  return within.reduce<Mounted | undefined>(
    (best, one) => (best === undefined || one.place.length >= best.place.length ? one : best),
    undefined,
  );
}

/** A file system that programs of some kinds are attached through, or that what they print is read from. */
interface Rule {
  readonly type: string;
  /** Where it is mounted by the command, and shown to a container. */
  readonly place: string;
  /** Whether it serves there. */
  readonly serves: (mount: Mounted) => boolean;
  readonly why: string;
  readonly needed: (app: App) => boolean;
}

/** libbpf looks in these two places. What is mounted at the second is mounted below debugfs when somebody goes there. */
const TRACING: Readonly<Record<string, readonly string[]>> = {
  tracefs: ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"],
  debugfs: ["/sys/kernel/debug"],
};
const TRACEFS_WAYS: readonly string[] = ["tracepoint", "kprobe.multi"];
/** trace_printk and trace_vprintk. */
const PRINTING: readonly number[] = [6, 177];

const RULES: readonly Rule[] = [
  {
    type: "tracefs",
    place: "/sys/kernel/tracing",
    serves: ({ type, place }) => TRACING[type]?.includes(place) ?? false,
    why: "tracepoints, kprobes for many functions and what programs print are found in it",
    needed: ({ objects }) =>
      objects.some(
        ({ programs, helpers }) =>
          programs.some(({ section }) => TRACEFS_WAYS.includes(parseSection(section)?.way ?? "")) ||
          helpers.some((id) => PRINTING.includes(id)),
      ),
  },
  {
    type: "cgroup2",
    place: "/sys/fs/cgroup",
    serves: ({ type }) => type === "cgroup2",
    why: "programs are attached to its folders",
    needed: ({ objects }) =>
      objects.some(({ programs }) =>
        programs.some(({ type }) => (CGROUP as readonly string[]).includes(type)),
      ),
  },
  {
    type: "bpf",
    place: "/sys/fs/bpf",
    serves: ({ type, options }) => type === "bpf" && !options.includes("ro"),
    why: "maps are pinned in it",
    needed: ({ objects }) => objects.some(({ maps }) => maps.some(({ pinned }) => pinned)),
  },
];

/** Whether the file systems are mounted that the app needs. */
export function mounts(app: App, machine: Machine): Finding[] {
  const mounted = mountsOf(machine);
  if (mounted === undefined) return [];
  const inside = containerOf(machine);
  return RULES.filter(({ needed }) => needed(app)).map(({ type, place, serves, why }): Finding => {
    const found = mounted.find(serves);
    if (found !== undefined) return { subject: type, state: "ok", detail: found.place };
    const useless = mounted.find((one) => one.type === type);
    return {
      subject: type,
      state: "error",
      detail: useless ? `not mounted where it serves, only at ${useless.place}` : "not mounted",
      why: `The app needs it: ${why}.`,
      fix: inside ? startedWith(inside, { paths: [place] }) : `mount -t ${type} ${type} ${place}`,
    };
  });
}
