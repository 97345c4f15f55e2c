import { tracePipe } from "./trace-pipe.ts";

/** Somebody who reads, with the lines that they have not taken yet. */
interface Reader {
  lines: string[];
  wake: () => void;
}

/** How many lines are kept for a reader who is slow. The oldest are left out then. */
const KEPT = 10_000;

const readers = new Set<Reader>();
let ended: AbortController | undefined;
/** The reading before this one: the kernel lets a process open the pipe once, so that it has to be closed by then. */
let reading: Promise<void> = Promise.resolve();
let failed: unknown;

/**
 * Yields the texts that programs print to the trace pipe: its lines without what the kernel puts before the text. The pipe
 * gives each line to one reader, so that one of this process reads it for all programs whose output is asked for.
 */
export async function* sharedTracePipe(signal: AbortSignal | undefined): AsyncGenerator<string, void> {
  const reader: Reader = { lines: [], wake: () => {} };
  const wake = () => reader.wake();
  signal?.addEventListener("abort", wake);
  readers.add(reader);
  try {
    if (ended === undefined) start();
    while (!signal?.aborted) {
      const { lines } = reader;
      reader.lines = [];
      for (const line of lines) {
        if (signal?.aborted) return;
        yield line;
      }
      if (failed !== undefined) throw failed;
      if (reader.lines.length > 0 || signal?.aborted) continue;
      await new Promise<void>((resolve) => {
        reader.wake = resolve;
      });
    }
  } finally {
    signal?.removeEventListener("abort", wake);
    readers.delete(reader);
    if (readers.size === 0) {
      stop();
      await reading;
    }
  }
}

function start(): void {
  const end = new AbortController();
  ended = end;
  failed = undefined;
  const read = async (before: Promise<void>) => {
    await before;
    for await (const line of tracePipe({ signal: end.signal }))
      for (const reader of readers) {
        if (reader.lines.length >= KEPT) reader.lines.shift();
        reader.lines.push(textOf(line));
        reader.wake();
      }
  };
  reading = read(reading).catch((error: unknown) => {
    if (ended !== end) return;
    failed = error;
    ended = undefined;
    for (const reader of readers) reader.wake();
  });
}

function stop(): void {
  ended?.abort();
  ended = undefined;
}

/** The text of a line: `app-42 [001] d..2. 5.1: bpf_trace_printk: TEXT`. */
export function textOf(line: string): string {
  return /^.*? bpf_trace_printk: ?(.*)$/s.exec(line)?.[1] ?? line;
}
