import { writeSync } from "node:fs";

const gone = new AbortController();

/**
 * Standard output and standard error. Texts are written completely, even to a pipe and right before the process ends.
 */
export const terminal = {
  out: (text: string) => write(1, text),
  error: (text: string) => write(2, text),
  /** Fires when the reader of a pipe has ended, as in `bpf-app build | head`. What is written after that is lost. */
  gone: gone.signal,
  /** Whether a person is watching, and not the log of a build server. */
  interactive: () => Boolean(process.stdout.isTTY) && !process.env.CI,
};

function write(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) {
    try {
      at += writeSync(fd, bytes, at);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).code;
      if (code === "EPIPE") {
        gone.abort();
        return;
      }
      if (code !== "EAGAIN") throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5);
    }
  }
}
