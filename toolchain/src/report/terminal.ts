import { writeSync } from "node:fs";

const gone = new AbortController();
let failure: NodeJS.ErrnoException | undefined;

/**
 * Standard output and standard error. Texts are written completely, even to a pipe and right before the process ends.
 */
export const terminal = {
  out: (text: string) => write(1, text),
  error: (text: string) => write(2, text),
  /**
   * Fires when nothing can be written any more: the reader of a pipe has ended, as in `bpf-app build | head`, or the disk
   * is full. What is written after that is lost.
   */
  gone: gone.signal,
  /** Why standard output cannot be written; undefined as long as it can, and where its reader has ended. */
  failure: () => failure,
  /** Whether a person is watching, and not the log of a build server. */
  interactive: () => Boolean(process.stdout.isTTY) && !process.env.CI,
};

function write(fd: number, text: string): void {
  if (fd === 1 && gone.signal.aborted) return;
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== "EAGAIN") {
        if (code !== "EPIPE" && fd === 1) failure = error as NodeJS.ErrnoException;
        // What cannot be written to standard error can be said nowhere.
        if (code === "EPIPE" || fd === 1) gone.abort();
        return;
      }
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
