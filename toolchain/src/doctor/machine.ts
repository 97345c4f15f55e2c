import { existsSync, readFileSync, readlinkSync } from "node:fs";
import { release as runningRelease } from "node:os";
import { join } from "node:path";

/** The text of a file, or the name of the error that reading it ended with: `ENOENT`, `EACCES`. */
export type Read = { readonly text: string } | { readonly error: string };

/** What two system calls that change nothing ended with: 0, or a negative error. */
export interface Calls {
  /** bpf(2), for a file that is not there, which the kernel answers with ENOENT. */
  readonly bpf: number;
  /** perf_event_open(2), for an event of this process that never happens. */
  readonly perfEventOpen: number;
}

/** The machine that is looked at. */
export interface Machine {
  /** The kernel's name for its version: `6.12.9-amd64`. */
  readonly release: string;
  /** Reads a file, as Latin-1. */
  read(path: string): Read;
  /** Reads a file as bytes; undefined if it cannot be read. */
  bytes(path: string): Uint8Array | undefined;
  exists(path: string): boolean;
  /** Where a symbolic link leads to; undefined if it cannot be read. */
  link(path: string): string | undefined;
  readonly environment: NodeJS.ProcessEnv;
  /** The id of the user that the process runs as. */
  readonly user: number;
  /** What the kernel answered, or that it ended the process that asked; undefined if nobody asked. */
  readonly calls?: Calls | "killed" | undefined;
}

/** What of a machine does not lie in its files. */
export type Given = Partial<Pick<Machine, "environment" | "user" | "calls">>;

/**
 * The machine whose files lie below a folder.
 * @param root - another one than "/" holds the files of a machine that a test has made up
 */
export function machineAt(root = "/", given: Given = {}): Machine {
  const read = (path: string): Read => {
    try {
      return { text: readFileSync(join(root, path), "latin1") };
    } catch (error) {
      return { error: (error as NodeJS.ErrnoException).code ?? "EIO" };
    }
  };
  const release = read("/proc/sys/kernel/osrelease");
  return {
    release: "text" in release ? release.text.trim() : runningRelease(),
    read,
    bytes: (path) => attempt(() => readFileSync(join(root, path))),
    exists: (path) => existsSync(join(root, path)),
    link: (path) => attempt(() => readlinkSync(join(root, path))),
    environment: given.environment ?? process.env,
    user: given.user ?? process.geteuid?.() ?? 0,
    calls: given.calls,
  };
}

function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}

/** The text of a file; undefined if it cannot be read. */
export function textOf(machine: Machine, path: string): string | undefined {
  const read = machine.read(path);
  return "text" in read ? read.text : undefined;
}

/** The text of /proc/self/status; undefined where /proc is not mounted. */
export function statusOf(machine: Machine): string | undefined {
  return textOf(machine, "/proc/self/status");
}
