import { getSystemErrorMap } from "node:util";
import { mayBeLoaded } from "./loaded.ts";

/** What a shell gives for a command that SIGPIPE has ended: 128 and the signal's number. */
const READER_GONE = 141;
/** How long an app may take to end after its output has failed, in milliseconds. */
const GRACE = 1000;

/** Watches where an app prints to. */
export interface OutputWatch {
  /**
   * The exit status that the failure of an output asks for; undefined while all is well. Where there is something to say,
   * it has been said on standard error.
   */
  readonly status: number | undefined;
}

/**
 * Ends the app when what it prints goes nowhere: the reader of a pipe has ended, or the disk is full. It is asked to end,
 * as by ^C, so that it takes off the network what it has put there, and is ended if it does not do so in time.
 *
 * @param end - asks the app to end
 * @param last - is called right before the process is ended from here
 */
export function watchOutput(end: () => void, last: () => void): OutputWatch {
  let status: number | undefined;
  const failed = (code: number) => {
    if (status !== undefined) return;
    status = code;
    end();
    // An app that has ended by itself need not wait for this.
    setTimeout(() => {
      last();
      process.exit(code);
    }, GRACE).unref();
  };
  whenUsed("stdout", (error) => {
    if (error.code === "EPIPE") return failed(READER_GONE);
    if (status === undefined) process.stderr.write(`${outputFailure(error)}\n`);
    failed(1);
  });
  // What cannot be written to standard error can be said nowhere, and the app's work goes on without it.
  whenUsed("stderr", (error) => {
    if (error.code === "EPIPE") failed(READER_GONE);
  });
  return {
    get status() {
      return status;
    },
  };
}

/**
 * Watches one of the process's streams from the moment when something asks for it. Node makes it only then, which takes
 * some milliseconds that an app need not spend before its programs are attached.
 */
function whenUsed(name: "stdout" | "stderr", failed: (error: NodeJS.ErrnoException) => void): void {
  const watch = (stream: NodeJS.WriteStream) => {
    // Node queues in memory what a slow reader of a pipe has not taken yet. A write that waits, as in C, leaves events in
    // their map meanwhile, where the kernel counts those that find no room. Node sets the flag as it was when it exits.
    (stream as Partial<WithHandle>)._handle?.setBlocking?.(true);
    stream.on("error", failed);
  };
  const property = Object.getOwnPropertyDescriptor(process, name);
  // What has printed already holds the stream and does not ask again; and an app may have put one of its own in the place.
  if (mayBeLoaded("stream") || !property?.get || !property.configurable) {
    watch(process[name]);
    return;
  }
  Object.defineProperty(process, name, {
    ...property,
    get(): NodeJS.WriteStream {
      Object.defineProperty(process, name, property);
      const stream = process[name];
      watch(stream);
      return stream;
    },
  });
}

/** Says why nothing can be written to standard output. */
function outputFailure({ code, errno = 0, message }: NodeJS.ErrnoException): string {
  const [, meaning = message] = getSystemErrorMap().get(errno) ?? [];
  const next = code === "ENOSPC" ? "\n  Make room there, or write to another place." : "";
  return `cannot write to standard output: ${code} (${meaning})${next}`;
}

/** What Node's streams over pipes have, and says nothing of in its types. */
interface WithHandle {
  readonly _handle: { readonly setBlocking?: (blocking: boolean) => number };
}
