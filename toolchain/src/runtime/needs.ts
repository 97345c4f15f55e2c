import { readFileSync, readlinkSync } from "node:fs";
import { release } from "node:os";
import { relative } from "node:path";
import { isSea } from "node:sea";
import {
  allows,
  type Capability,
  machineOf,
  type Needed,
  neededCapabilities,
  type ObjectParts,
  setcap,
  together,
} from "../facts/capabilities.ts";
import { capabilitiesIn, inUserNamespace as elsewhere } from "../facts/process-status.ts";

/** What is known of an opened object. */
export interface OpenObject extends ObjectParts {
  /** Where its BPF token is taken from. */
  readonly token: string | undefined;
}

/** Tells what the objects that are open in this thread are like. */
const open = new Set<() => OpenObject>();

/** Notes an opened object, until the result is called. A call that is refused says what all of them need. */
export function noteObject(describe: () => OpenObject): () => void {
  open.add(describe);
  return () => open.delete(describe);
}

let gaveUp = false;

/** Notes that this process has dropped capabilities, so that nobody is told to give them to its file. */
export function noteDropped(): void {
  gaveUp = true;
}

/** Where the BPF token is taken from that an open object uses; empty if none does. */
export function token(): string {
  return [...open].map((describe) => describe().token).find(Boolean) ?? "";
}

/** The sections of the programs that are to be loaded, of all objects that are open. */
export function openSections(): string[] {
  return [...open].flatMap((describe) => describe().programs.map(({ section }) => section));
}

/** What the objects that are open need on this machine, and what the call is known to take besides. */
export function needs(also?: Needed): Needed[] {
  const machine = machineOf(release(), read("/proc/sys/kernel/perf_event_paranoid"));
  const objects = [...open].map((describe) => describe());
  const needed = objects.length === 0 ? [] : neededCapabilities(together(objects), machine);
  const known = needed.some(({ capability }) => capability === also?.capability);
  return also === undefined || known ? needed : [...needed, also];
}

/** The capabilities that are effective in this thread. */
export function effectiveCapabilities(): Set<Capability> {
  return capabilitiesIn(read("/proc/thread-self/status"));
}

/** Those of the needed capabilities that this process does not have. */
export function missing(needed: readonly Needed[]): Needed[] {
  const has = effectiveCapabilities();
  return needed.filter(({ capability }) => !allows(has, capability));
}

/**
 * Whether this process lives in a user namespace of its own. There it may be root and have every capability, and they
 * still do not count for BPF.
 */
export function inUserNamespace(): boolean {
  return elsewhere(userNamespace(), read("/proc/self/uid_map"));
}

/** What to do about capabilities that are missing: the command that gives all of them to the app's file. */
export function remedy(needed: readonly Needed[]): string {
  const names = needed.map(({ capability }) => capability);
  if (gaveUp) {
    const keep = JSON.stringify(missing(needed).map(({ capability }) => capability));
    return `dropPrivileges() has given up what this call takes. Make the call before, or keep some of it: dropPrivileges({ keep: ${keep} }).`;
  }
  const [instead] = missing(needed).flatMap((one) => one.instead ?? []);
  const line = `Run it with sudo, or give the file what it needs: sudo ${setcap(names, ownFile())}`;
  return instead === undefined ? line : `${line} (without cap_sys_admin after: sudo ${instead})`;
}

/** The app's file as its user would name it. In development it is Node that runs, and the file is the one that will be built. */
function ownFile(): string {
  if (!isSea()) return "dist/NAME";
  const path = relative(process.cwd(), process.execPath);
  return path.startsWith("../") ? process.execPath : path;
}

function userNamespace(): string | undefined {
  try {
    return readlinkSync("/proc/self/ns/user");
  } catch {
    return undefined;
  }
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return undefined;
  }
}
