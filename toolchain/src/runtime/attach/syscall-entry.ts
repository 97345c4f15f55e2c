import { readFileSync } from "node:fs";
import { release } from "node:os";
import { onlineCpus } from "../cpus.ts";
import { ENOENT } from "../errno.ts";
import { failure } from "../errors.ts";
import { type Link, Undo } from "../link.ts";
import { callLibbpf, type Session } from "../session.ts";

/** `enum perf_type_id` of linux/perf_event.h. */
const PERF_TYPE_TRACEPOINT = 2;
/** The CPU on which libbpf opens the event that carries the program. It means all CPUs. */
const LIBBPFS_CPU = 0;

/**
 * Whether programs on this kernel miss entries of system calls. Linux 7.1 (seen in 7.1.13; neither 7.0.13 nor 7.2.12 does
 * it) runs a program attached to the entry of a call that takes a pointer, such as write or execve, only on CPUs that have
 * a perf event open for it. That is the one on which libbpf has attached, and what happens on the others is lost without a
 * word.
 * test/kernels/proofs/syscall-entry.c shows it.
 */
export function missesEntries(kernel: string): boolean {
  return /^7\.1(?!\d)/.test(kernel);
}

/** The tracepoint in a section's name: `syscalls/sys_enter_write` of `tp/syscalls/sys_enter_write`. */
export function tracepointOf(section: string): string | undefined {
  return /^\??(?:tp|tracepoint)\/([^/]+\/[^/]+)$/.exec(section)?.[1];
}

/**
 * Gives every other CPU an event for the same entry where the kernel looks for one. These have no program and write
 * nothing; they go when the link goes. A CPU that is brought online later has none, and a pinned link that outlives this
 * process loses them: there is no way to attach such a program to all CPUs at once.
 *
 * @returns the link
 * @throws {@link BpfError} if an event cannot be opened; the link is destroyed then
 */
export function onEveryCpu(session: Session, link: Link, tracepoint: string | undefined): Link {
  if (!tracepoint?.startsWith("syscalls/sys_enter_") || !missesEntries(release())) return link;
  const fds: number[] = [];
  link.hold(
    new Undo(session, () => {
      for (const fd of fds) session.native.closeFd(fd);
    }),
  );
  try {
    const config = eventId(tracepoint);
    for (const cpu of onlineCpus()) {
      if (cpu === LIBBPFS_CPU) continue;
      const fd = callLibbpf<number>(session, "perf_event_open", `${link.name} (CPU ${cpu})`, () =>
        session.native.perfEventOpen({ type: PERF_TYPE_TRACEPOINT, config, pid: -1, cpu }),
      );
      fds.push(fd);
    }
  } catch (error) {
    link.destroy();
    throw error;
  }
  return link;
}

/** Reads a tracepoint's number from tracefs. libbpf has just read it from one of these places, too. */
function eventId(tracepoint: string): number {
  for (const place of ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"]) {
    try {
      return Number(readFileSync(`${place}/events/${tracepoint}/id`, "latin1"));
    } catch {
      // It is mounted in the other place.
    }
  }
  throw failure("tracepoint id", ENOENT, tracepoint);
}
