import { getSystemErrorMap } from "node:util";

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
  // Node queues in memory what a slow reader of a pipe has not taken yet. A write that waits, as in C, leaves events in
  // their map meanwhile, where the kernel counts those that find no room. Node sets the flag as it was when it exits.
  for (const stream of [process.stdout, process.stderr])
    (stream as Partial<WithHandle>)._handle?.setBlocking?.(true);
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
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") return failed(READER_GONE);
    if (status === undefined) process.stderr.write(`${outputFailure(error)}\n`);
    failed(1);
  });
  // What cannot be written to standard error can be said nowhere, and the app's work goes on without it.
  process.stderr.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") failed(READER_GONE);
  });
  return {
    get status() {
      return status;
    },
  };
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
