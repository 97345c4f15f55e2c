import { closeSync, constants, openSync, statfsSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname } from "node:path";
import { getRawAsset, isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import { refuseServed } from "./file-systems.ts";
import { onMainThread, threads } from "./loaded.ts";
import { isSecure } from "./secure.ts";

/** A directory from which the addon could not be loaded. */
export interface Attempt {
  /** The directory's absolute path. */
  readonly directory: string;
  /** What the system said, in its own words. */
  readonly reason: string;
}

/** The native addon, which holds libbpf and the program's object, could not be loaded. */
export class AddonError extends Error {
  /** `ERR_BPF_APP_ADDON`, always. */
  readonly code = "ERR_BPF_APP_ADDON";
  /** The directories that were tried, in this order. It is empty unless the addon comes from inside an executable. */
  readonly attempts: readonly Attempt[];

  /** @internal */
  constructor(message: string, attempts: readonly Attempt[] = [], options?: ErrorOptions) {
    super(message, options);
    this.name = "AddonError";
    this.attempts = attempts;
  }
}

/** What each addon exports, by file name. Every thread has a table of its own. */
const loaded = new Map<string, unknown>();

/**
 * Loads the addon `name`.node: out of the executable that runs, or in development the file beside `url`, the URL of
 * the module that asks.
 *
 * @returns the addon's exports
 * @throws {@link AddonError} if the file is missing, is no addon, or no directory can hold it
 */
export function loadAddon(name: string, url: string): unknown {
  const file = isSea() ? `${name}.node` : fileURLToPath(new URL(`${name}.node`, url));
  if (!loaded.has(file)) loaded.set(file, isSea() ? loadEmbedded(file) : loadFile(file));
  return loaded.get(file);
}

function loadFile(path: string): unknown {
  try {
    statSync(path);
  } catch (error) {
    throw new AddonError(`${path} is not there: build the app first (npm run build).`, [], { cause: error });
  }
  return openOnly(path);
}

/** Opens an addon that can be loaded from this path only, so that a failure is final. */
function openOnly(path: string): unknown {
  try {
    return open(path);
  } catch (error) {
    throw new AddonError(`${path} cannot be loaded: ${reasonOf(error)}`, [], { cause: error });
  }
}

/**
 * An addon that was loaded on the main thread is found by workers under the same path, and shared, if the app had imported
 * `node:worker_threads` by then; otherwise they load it for themselves. Workers' own descriptors are closed when they
 * end, the main thread's are not.
 */
const SHARED_PATH = "bpf-app addon ";

function loadEmbedded(key: string): unknown {
  const shared = threads()?.getEnvironmentData(SHARED_PATH + key);
  if (!onMainThread() && typeof shared === "string") return openOnly(shared);
  needProc(key);
  const bytes = assetBytes(key);
  const attempts: Attempt[] = [];
  for (const directory of directories()) {
    try {
      const { path, exports } = loadUnnamed(directory, bytes);
      if (onMainThread()) threads()?.setEnvironmentData(SHARED_PATH + key, path);
      return exports;
    } catch (error) {
      if (error instanceof AddonError) throw error;
      attempts.push({ directory, reason: reasonOf(error) });
    }
  }
  throw noDirectory(`to load the addon ${key} from`, attempts, " that is not mounted noexec");
}

function assetBytes(key: string): Uint8Array {
  try {
    return new Uint8Array(getRawAsset(key) as ArrayBuffer);
  } catch (error) {
    throw new AddonError(`This executable holds no addon ${key}.`, [], { cause: error });
  }
}

/** What statfs(2) says of /proc (`PROC_SUPER_MAGIC` of linux/magic.h). */
const PROC = 0x9fa0;

/**
 * Without /proc there is no path to a file without a name, and dlopen(3) takes nothing but a path. A name in a private
 * directory would do, but not for a file with capabilities: the directory would belong to the very user whom the
 * capabilities were not given to. And a process that is killed would leave it behind.
 */
function needProc(key: string): void {
  let type: number | undefined;
  try {
    ({ type } = statfsSync("/proc/self/fd"));
  } catch {}
  if (type === PROC) return;
  throw new AddonError(
    `The addon ${key} cannot be loaded: /proc is not mounted, and without it there is no path to a file that has no name.\n` +
      "Mount it: mount -t proc proc /proc",
  );
}

/**
 * Where the addon may be put, in the order in which the places are tried.
 *
 * Those that are memory come first: they take no disk, are there where the root is read-only, and are no other
 * machine's. /dev/shm is before the directories that the environment names, so that a start that goes well reads no
 * variable. /dev is for root in a container, where it is a tmpfs, while /dev/shm is mounted noexec and the rest is an
 * overlay, which on Linux 6.1 still refuses unnamed files. The executable's own directory is trusted as much as the
 * executable itself is.
 *
 * Where the file has privileges that its caller does not have, the caller chooses no place: Node then ignores TMPDIR, and
 * XDG_RUNTIME_DIR and the directory of a hard link to the file are left out here.
 */
function* directories(): Generator<string> {
  yield "/dev/shm";
  const chosen = isSecure() ? [] : [process.env.XDG_RUNTIME_DIR ?? "", dirname(process.execPath)];
  const [runtime = "", own = ""] = chosen;
  const rest = new Set([tmpdir(), runtime, "/var/tmp", "/dev", own]);
  for (const directory of rest) if (directory.startsWith("/") && directory !== "/dev/shm") yield directory;
}

/** `__O_TMPFILE` of <asm-generic/fcntl.h>; the value is that of x86-64 and arm64. Node does not name it. */
const TMPFILE = 0o20000000;

/** What dlopen says when it is the directory's file system, not the library, that stands in the way. */
const NOT_FROM_HERE = /failed to map segment|Permission denied|Operation not permitted/;

/**
 * Loads `bytes` from a file that has no name, and with O_EXCL can never be given one. Its descriptor stays open: the
 * linker knows libraries by path, so a later addon on the same number would be taken for this one.
 *
 * @throws {@link AddonError} if no other directory can help; any other error means that another one may
 */
function loadUnnamed(directory: string, bytes: Uint8Array): { path: string; exports: unknown } {
  const { descriptor, path } = openUnnamed(directory);
  try {
    writeWhole(descriptor, bytes);
    return { path, exports: open(path) };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const systems = code !== undefined && code !== "ERR_DLOPEN_FAILED";
    if (!systems && !NOT_FROM_HERE.test(message)) {
      throw new AddonError(`The addon in this executable does not start: ${message}`, [], { cause: error });
    }
    closeSync(descriptor);
    throw error;
  }
}

/** Opens a file in a directory that has no name there, and can never be given one. */
function openUnnamed(directory: string): { readonly descriptor: number; readonly path: string } {
  trust(directory);
  const flags = TMPFILE | constants.O_DIRECTORY | constants.O_RDWR | constants.O_EXCL;
  const descriptor = openSync(directory, flags, 0o700);
  const path = descriptorPath(descriptor);
  try {
    refuseServed(path);
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  return { descriptor, path };
}

function writeWhole(descriptor: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) done += writeSync(descriptor, bytes, done);
}

/**
 * Puts bytes into a file without a name, for code that takes a path only.
 *
 * @param what - names the bytes in the error: `the BTF minimal.btf`
 * @returns a path that leads to the file until `close` is called
 * @throws {@link AddonError} if no directory can hold it
 */
export function unnamedFile(what: string, bytes: Uint8Array): { readonly path: string; close(): void } {
  const attempts: Attempt[] = [];
  for (const directory of directories()) {
    let descriptor: number | undefined;
    try {
      const opened = openUnnamed(directory);
      descriptor = opened.descriptor;
      writeWhole(descriptor, bytes);
      return { path: opened.path, close: closing(descriptor) };
    } catch (error) {
      if (descriptor !== undefined) closeSync(descriptor);
      attempts.push({ directory, reason: reasonOf(error) });
    }
  }
  throw noDirectory(`to put ${what} into`, attempts, "");
}

/** Closes a descriptor once: later the number may be that of another file. */
function closing(descriptor: number): () => void {
  let open = true;
  return () => {
    if (open) closeSync(descriptor);
    open = false;
  };
}

function noDirectory(wanted: string, attempts: readonly Attempt[], mount: string): AddonError {
  const tried = attempts.map(({ directory, reason }) => `\n  ${directory}: ${reason}`).join("");
  return new AddonError(
    `No directory found ${wanted}:${tried}\n` +
      `Set TMPDIR to a writable directory on a local file system${mount}.`,
    attempts,
  );
}

/**
 * Another user's directory is left alone, also where the kernel would allow it. That no server of a file system hands out
 * other bytes than were written is seen later, on the open file, whose file system nobody can exchange any more.
 */
function trust(directory: string): void {
  const { uid } = statSync(directory);
  if (uid === 0 || (uid === process.geteuid?.() && !isSecure())) return;
  throw new Error(`belongs to another user (uid ${uid})`);
}

/**
 * A path to an open file, different for each that this process ever opens here: a worker's descriptors are closed
 * with it and their numbers used again, while its thread's number is never used again. That number is spelled in
 * slashes and dots, which lead to the same file.
 */
function descriptorPath(descriptor: number): string {
  const threadId = threads()?.threadId ?? 0;
  const spelled =
    threadId === 0 ? "" : [...threadId.toString(2)].map((bit) => (bit === "1" ? "./" : "/")).join("");
  return `/proc/self/fd/${spelled}${descriptor}`;
}

function open(path: string): unknown {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
