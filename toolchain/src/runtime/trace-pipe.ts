import { closeSync, constants, openSync, readSync, statSync } from "node:fs";
import type { Needed } from "../facts/capabilities.ts";
import { StateError } from "./errors.ts";
import { handoverOf } from "./handover/handover.ts";
import { anyNative, type Native } from "./native.ts";
import { needs, remedy } from "./needs.ts";
import { Watch } from "./watch.ts";

const TRACEFS: Needed = {
  capability: "CAP_DAC_READ_SEARCH",
  reasons: ["reads the tracing file system, which only root may enter"],
};

/** How the trace pipe is read. */
export interface TracePipeOptions {
  /** Ends the iteration when it is aborted, without an error. */
  readonly signal?: AbortSignal | undefined;
  /** Where tracefs is mounted; /sys/kernel/tracing or /sys/kernel/debug/tracing if not given. */
  readonly tracefs?: string;
}

/**
 * Yields the lines of the kernel's trace pipe (Documentation/trace/ftrace.rst): what bpf_printk writes, for all programs
 * on the machine. Reading takes a line out, so that it reaches one of several readers. Some skeleton has to have been
 * opened before.
 *
 * @throws {@link StateError} before any skeleton has been opened, or if tracefs is not mounted or may not be read
 */
export async function* tracePipe(options: TracePipeOptions = {}): AsyncGenerator<string, void> {
  const { signal } = options;
  const native = anyNative("tracePipe");
  const fd = await openInTurn(native, options.tracefs);
  const watch = watchOrClose(native, fd);
  const wake = () => watch.wake();
  const buffer = Buffer.allocUnsafe(1 << 16);
  const decoder = new TextDecoder();
  let rest = "";
  try {
    signal?.addEventListener("abort", wake);
    while (!signal?.aborted) {
      const count = read(fd, buffer);
      if (count === 0) {
        await new Promise<void>((resolve) => watch.wait(resolve));
        continue;
      }
      const lines = (rest + decoder.decode(buffer.subarray(0, count), { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (signal?.aborted) return;
        yield line;
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    watch.close();
    closeSync(fd);
    signal?.removeEventListener("abort", wake);
  }
}

/** Watches the descriptor, and closes it if that fails. */
function watchOrClose(native: Native, fd: number): Watch {
  try {
    return new Watch(native, fd);
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** Reads what is there. Returns the number of bytes, 0 if there is nothing to read now. */
function read(fd: number, buffer: Buffer): number {
  try {
    return readSync(fd, buffer, 0, buffer.length, null);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EAGAIN" || code === "EINTR") return 0;
    throw error;
  }
}

/** How often the pipe is tried, and the milliseconds between: five seconds, which is how long an app may take to end. */
const TRIES = 500;
const PAUSE = 10;

/** Opens the pipe. In `bpf-app dev` the run before this one has it until this one has taken over. */
async function openInTurn(native: Native, tracefs: string | undefined): Promise<number> {
  for (let left = handoverOf(native) ? TRIES : 0; ; left--) {
    const opened = open(tracefs);
    if (typeof opened === "number") return opened;
    if (left <= 0)
      throw new StateError(
        "tracePipe",
        `${opened.busy} is in use by another reader`,
        "Stop the other reader.",
      );
    await new Promise((resolve) => setTimeout(resolve, PAUSE));
  }
}

/** Returns the descriptor, or the path of a pipe that somebody else reads. */
function open(tracefs: string | undefined): number | { readonly busy: string } {
  const places = tracefs === undefined ? ["/sys/kernel/tracing", "/sys/kernel/debug/tracing"] : [tracefs];
  for (const place of places) {
    try {
      statSync(`${place}/trace_pipe`);
      return openSync(`${place}/trace_pipe`, constants.O_RDONLY | constants.O_NONBLOCK);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EACCES" || code === "EPERM") {
        throw new StateError(
          "tracePipe",
          `${place}/trace_pipe may not be read: only root may`,
          remedy(needs(TRACEFS)),
        );
      }
      if (code === "EBUSY") return { busy: `${place}/trace_pipe` };
      if (code !== "ENOENT" && code !== "ENOTDIR") throw error;
    }
  }
  throw new StateError(
    "tracePipe",
    `no trace pipe in ${places.join(" or ")}: the kernel's tracing file system is not mounted`,
    `mount -t tracefs tracefs ${tracefs ?? "/sys/kernel/tracing"}`,
  );
}
