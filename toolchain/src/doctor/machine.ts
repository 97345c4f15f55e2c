import { existsSync, readFileSync } from "node:fs";
import { release as runningRelease } from "node:os";
import { join } from "node:path";

/** The text of a file, or the name of the error that reading it ended with: `ENOENT`, `EACCES`. */
export type Read = { readonly text: string } | { readonly error: string };

/** The machine that is looked at. */
export interface Machine {
  /** The kernel's name for its version: `6.12.9-amd64`. */
  readonly release: string;
  /** Reads a file, as Latin-1. */
  read(path: string): Read;
  /** Reads a file as bytes; undefined if it cannot be read. */
  bytes(path: string): Uint8Array | undefined;
  exists(path: string): boolean;
}

/**
 * The machine whose files lie below a folder.
 * @param root - another one than "/" holds the files of a machine that a test has made up
 */
export function machineAt(root = "/"): Machine {
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
    bytes: (path) => {
      try {
        return readFileSync(join(root, path));
      } catch {
        return undefined;
      }
    },
    exists: (path) => existsSync(join(root, path)),
  };
}

/** The text of a file; undefined if it cannot be read. */
export function textOf(machine: Machine, path: string): string | undefined {
  const read = machine.read(path);
  return "text" in read ? read.text : undefined;
}

/** A field of /proc/self/status. */
export function statusField(machine: Machine, field: string): string | undefined {
  const status = textOf(machine, "/proc/self/status") ?? "";
  return new RegExp(`^${field}:\\s*(.*)$`, "m").exec(status)?.[1];
}
