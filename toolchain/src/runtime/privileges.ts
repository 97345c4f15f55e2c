import { readdirSync, readFileSync } from "node:fs";
import { CAPABILITIES, type Capability } from "../facts/capabilities.ts";
import { capabilityBits, statusField } from "../facts/process-status.ts";
import { BpfError, errnoName } from "./errors.ts";
import { anyNative, type Native } from "./native.ts";
import { noteDropped } from "./needs.ts";

/** What {@link dropPrivileges} leaves. */
export interface DropOptions {
  /** The capabilities that the process keeps, if it has them; none if not given. */
  readonly keep?: readonly Capability[];
  /** The user that the process runs as from now on, by number or name. It takes CAP_SETUID, and the main thread. */
  readonly uid?: number | string;
  /** The group that it runs as from now on, by number or name; other groups are left. It takes CAP_SETGID. */
  readonly gid?: number | string;
}

/**
 * Gives up every capability but those that are kept, in all threads of the process, and for good: what it starts cannot get
 * them back either (PR_SET_NO_NEW_PRIVS). Programs that are attached stay attached, and their events and maps can be read
 * on. To load, attach or look up by id takes what was dropped. Before Linux 5.19 reading a map by system calls may take
 * CAP_BPF: there keep it.
 *
 * The sets that are lowered are effective, permitted, inheritable and ambient; where the process has CAP_SETPCAP also the
 * bounding set, and a program that root starts is nothing special any more (SECBIT_NOROOT).
 *
 * @throws {@link StateError} before any skeleton has been opened
 * @throws {@link BpfError} if a thread has not dropped them, or could not be reached; the process may then have dropped some
 * @throws `RangeError` for a capability that has no such name
 * @throws `Error` of Node's if the user or group cannot be changed
 */
export function dropPrivileges({ keep = [], uid, gid }: DropOptions = {}): void {
  const native = anyNative("dropPrivileges");
  const mask = keep.reduce((bits, name) => bits | bitOf(name), 0n);
  if (uid !== undefined || gid !== undefined) {
    tell(native, mask, true);
    changeUser(uid, gid);
  }
  tell(native, mask, false);
  noteDropped();
  verify(mask);
}

function bitOf(name: Capability): bigint {
  if (Object.hasOwn(CAPABILITIES, name)) return 1n << BigInt(CAPABILITIES[name]);
  throw new RangeError(
    `dropPrivileges: there is no capability ${name} here; there are ${Object.keys(CAPABILITIES).join(", ")}`,
  );
}

function changeUser(uid: number | string | undefined, gid: number | string | undefined): void {
  if (gid !== undefined) {
    process.setgroups?.([gid]);
    process.setgid?.(gid);
  }
  if (uid !== undefined) process.setuid?.(uid);
}

function tell(native: Native, keep: bigint, beforeUser: boolean): void {
  const errno = native.dropPrivileges({ keep, beforeUser });
  if (errno < 0) throw notDropped(errno, `the kernel or a thread refused: ${errnoName(errno)}`);
}

/** Looks at every thread, because one that kept its capabilities would be all that an intruder needs. */
function verify(keep: bigint): void {
  for (const thread of readdirSync("/proc/self/task")) {
    let status: string;
    try {
      status = readFileSync(`/proc/self/task/${thread}/status`, "latin1");
    } catch {
      // It has ended meanwhile.
      continue;
    }
    for (const set of ["CapEff", "CapPrm", "CapInh", "CapAmb"] as const) {
      const bits = capabilityBits(status, set) ?? 0n;
      if ((bits & ~keep) !== 0n) throw notDropped(0, `thread ${thread} still has capabilities (${set})`);
    }
    if (statusField(status, "NoNewPrivs") !== "1")
      throw notDropped(0, `thread ${thread} may still get new privileges`);
  }
}

function notDropped(errno: number, why: string): BpfError {
  return new BpfError({
    call: "dropPrivileges",
    errno,
    code: errno === 0 ? "ERR_BPF_PRIVILEGES" : errnoName(errno),
    subject: "",
    log: "",
    words: {
      what: "the process's privileges were not dropped in all of its threads",
      why,
      next: "End the process: go on only without privileges, and start it with no more than it needs (setcap, or AmbientCapabilities= of systemd).",
    },
  });
}
