import { EINVAL } from "./errno.ts";
import { failure } from "./errors.ts";
import type { Session } from "./session.ts";
import { sharedTracePipe } from "./shared-trace-pipe.ts";

/** What reads a stream, by its name in libbpf. */
const CALL = "bpf_prog_stream_read";
/** How much is taken out of a stream at once, in bytes. The kernel keeps 100,000 for a program. */
const CHUNK = 1 << 16;
/** Nobody is woken for a stream, so a reader looks again: after this at first, and up to that when nothing comes. */
const PAUSE = { first: 1, last: 100 } as const;

/** A program, as far as its output needs to know it. */
interface OutputProgram {
  readonly session: Session;
  readonly name: string;
  needFd(call: string): number;
}

/** How a program's output is read. */
export interface OutputOptions {
  /** Ends the iteration when it is aborted, without an error. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The text that a program prints, line by line. Each line reaches one reader. A line is waited for by looking for it
 * again and again, up to ten times a second when nothing comes, and only while somebody reads.
 */
export class ProgramOutput implements AsyncIterable<string> {
  readonly #program: OutputProgram;
  /** BPF_STREAM_STDOUT or BPF_STREAM_STDERR, of linux/bpf.h. */
  readonly #stream: 1 | 2;
  readonly #decoder = new TextDecoder();
  #buffer: Uint8Array | undefined;
  #lines: string[] = [];
  #rest = "";
  #source: "stream" | "trace_pipe" | "none" | undefined;

  /** @internal */
  constructor(program: OutputProgram, stream: 1 | 2) {
    this.#program = program;
    this.#stream = stream;
  }

  /**
   * Where the text comes from.
   *
   * - `stream`: the program's own stream, as kernels have them since Linux 6.17.
   * - `trace_pipe`: the trace pipe, to which bpf_printk writes. Standard output comes from there where the kernel has no
   *   streams, or no program of the object prints to one. It has the lines of every program on the machine.
   * - `none`: standard error has nothing to read where the kernel has no streams.
   *
   * @throws {@link StateError} after the skeleton was destroyed
   */
  get source(): "stream" | "trace_pipe" | "none" {
    const { native, object } = this.#program.session;
    if (this.#source !== undefined) return this.#source;
    const streams = native.streamRead(-1, this.#stream, this.#room) !== EINVAL;
    // The function has this name, or this and an ending, by the version of the kernel: include/bpf_app.h knows them all.
    const prints = this.#stream === 2 || native.refersTo(object, "bpf_stream_vprintk") === 1;
    if (streams && prints) this.#source = "stream";
    else this.#source = this.#stream === 1 ? "trace_pipe" : "none";
    return this.#source;
  }

  /**
   * Yields lines as they come, without their newlines. It ends when the skeleton is destroyed, and at once where
   * `source` is `none`.
   *
   * @throws {@link StateError} if the program is not loaded, or the trace pipe cannot be read
   * @throws {@link BpfError} with what the kernel refused
   */
  async *lines({ signal }: OutputOptions = {}): AsyncGenerator<string, void> {
    const { source } = this;
    this.#program.needFd(CALL);
    const { cleanup } = this.#program.session;
    const closed = new AbortController();
    const close = () => closed.abort();
    cleanup.add(close);
    const end = signal ? AbortSignal.any([signal, closed.signal]) : closed.signal;
    try {
      if (source === "trace_pipe") yield* sharedTracePipe(end);
      if (source === "stream") yield* this.#streamed(end);
    } finally {
      cleanup.delete(close);
    }
  }

  /** Yields lines as they come: see `lines`. */
  [Symbol.asyncIterator](): AsyncGenerator<string, void> {
    return this.lines();
  }

  /**
   * Takes what is there now, without waiting, also the beginning of a line. It is an empty string where `source` is not
   * `stream`.
   *
   * @throws {@link StateError} if the program is not loaded
   * @throws {@link BpfError} with what the kernel refused
   */
  read(): string {
    if (this.source !== "stream") return "";
    while (this.#fill());
    const text = this.#lines.map((line) => `${line}\n`).join("") + this.#rest;
    this.#lines = [];
    this.#rest = "";
    return text;
  }

  get #room(): Uint8Array {
    this.#buffer ??= new Uint8Array(CHUNK);
    return this.#buffer;
  }

  async *#streamed(end: AbortSignal): AsyncGenerator<string, void> {
    let pause: number = PAUSE.first;
    while (!end.aborted) {
      const line = this.#lines.shift();
      if (line !== undefined) {
        yield line;
        continue;
      }
      const came = this.#fill();
      if (this.#lines.length > 0) await new Promise((resolve) => setImmediate(resolve));
      else await sleep(pause, end);
      pause = came ? PAUSE.first : Math.min(pause * 2, PAUSE.last);
    }
  }

  /** Takes text out of the stream, and returns whether there was any. */
  #fill(): boolean {
    const { session, name } = this.#program;
    const room = this.#room;
    const count = session.native.streamRead(this.#program.needFd(CALL), this.#stream, room);
    if (count < 0) throw failure(CALL, count, name);
    if (count === 0) return false;
    const text = this.#rest + this.#decoder.decode(room.subarray(0, count), { stream: true });
    const lines = text.split("\n");
    this.#rest = lines.pop() ?? "";
    // A list of many lines is too long for the arguments of a call.
    this.#lines = this.#lines.length === 0 ? lines : this.#lines.concat(lines);
    return true;
  }
}

/** Waits, and ends early when the signal is aborted. */
function sleep(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const wake = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, milliseconds);
    signal.addEventListener("abort", wake);
  });
}
