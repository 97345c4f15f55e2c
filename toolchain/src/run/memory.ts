import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";

/*
 * Whether the kernel ended a command for want of memory. Two things have to come together: the command, or something
 * that it had started, was ended by SIGKILL; and meanwhile the kernel ended a process of this build's control group.
 * The count alone says nothing about one command, as others run beside it in the same group.
 */

/** What those say whose child was ended by SIGKILL. Commands run with LC_ALL=C, so this is never translated. */
const KILLED_CHILD = [
  // make: "make: *** [Makefile:2: all] Killed"
  /^\S*make\S*: \*\*\* .*\] Killed$/m,
  // A shell: "Killed", or "build.sh: line 3:  4711 Killed                  cc -c big.c"
  /^(?:.*\bline \d+: +\d+ )?Killed(?: {2,}|$)/m,
  // GCC: "gcc: fatal error: Killed signal terminated program cc1"
  /: fatal error: Killed signal terminated program /,
  // GCC about its linker: "collect2: fatal error: ld terminated with signal 9 [Killed]"
  /: fatal error: \S+ terminated with signal 9 \[Killed\]/,
  // clang: "clang: error: unable to execute command: Killed"
  /: error: unable to execute command: Killed/,
] as const;

/** Whether the command's exit code or its messages tell that a child of it was ended by SIGKILL. */
export function childWasKilled(code: number, text: string): boolean {
  // 128 and the signal's number, as shells hand it on.
  return code === 137 || KILLED_CHILD.some((pattern) => pattern.test(text));
}

/**
 * How many processes of this process's control group the kernel has ended for want of memory. Of a machine without such
 * groups it is the number of all processes.
 */
export function outOfMemoryKills(root = "/"): number {
  for (const path of counters(root)) {
    const count = /^oom_kill (\d+)$/m.exec(read(path) ?? "")?.[1];
    if (count !== undefined) return Number(count);
  }
  return 0;
}

/** The files that may have the count, the closest to this process first. */
function* counters(root: string): Generator<string> {
  const groups = join(root, "sys/fs/cgroup");
  const own = read(join(root, "proc/self/cgroup")) ?? "";
  const first = /^\d+:(?:[^:]*,)?memory(?:,[^:]*)?:(\/.*)$/m.exec(own)?.[1];
  if (first !== undefined) {
    yield join(groups, "memory", first, "memory.oom_control");
    // In a container the path may be the host's, while the container sees its own group as the topmost one.
    yield join(groups, "memory/memory.oom_control");
  }
  const second = /^0::(\/.*)$/m.exec(own)?.[1];
  // A group whose memory is not accounted for by itself is part of the account of the one above.
  for (let at = second; at !== undefined; at = at === "/" ? undefined : dirname(at))
    yield join(groups, at, "memory.events");
  yield join(root, "proc/vmstat");
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
