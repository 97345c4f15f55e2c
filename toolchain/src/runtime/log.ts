import { type LogRequest, logRequest, printMessage } from "./log-request.ts";
import type { Native } from "./native.ts";

/** How important a message of libbpf's is (`enum libbpf_print_level`). */
export type LogLevel = "warn" | "info" | "debug";

/** What happens to libbpf's messages about one skeleton. */
export interface LogOptions {
  /** The least important messages that are kept. It is `info` if not given, which is what libbpf itself prints. */
  readonly logLevel?: LogLevel;
  /**
   * Receives each message, without its newline. Without this function messages appear in errors only. What it throws
   * becomes an uncaught exception.
   */
  readonly onLog?: (level: LogLevel, message: string) => void;
}

const LEVELS: readonly LogLevel[] = ["warn", "info", "debug"];
/** libbpf says this where an event's type is declared as its map's value: the kernel refuses that, and libbpf goes on. */
const RETRIED = /^0libbpf: Error in bpf_create_map_xattr.*Retrying without BTF/;
/** libbpf hands the verifier's log of one program on as one message: as a warning if it was refused. */
const VERIFIER_LOG = /^\dlibbpf: prog '[^']*': -- BEGIN PROG LOAD LOG --\n/;
const SEPARATOR = "\x1e";

/** libbpf's log of one skeleton. The addon collects messages for the thread; each call's are taken right after it. */
export class Log {
  readonly #native: Native;
  /** The least important messages that the app wants. */
  readonly #level: number;
  readonly #onLog: LogOptions["onLog"];
  /** What whoever runs the app wants to see. */
  readonly #request: LogRequest;

  constructor(native: Native, options: LogOptions) {
    this.#native = native;
    this.#level = LEVELS.indexOf(options.logLevel ?? "info");
    this.#onLog = options.onLog;
    this.#request = logRequest();
  }

  /** Runs `call` and returns its result together with what libbpf said meanwhile. */
  during<T>(call: () => T): { result: T; text: string } {
    // The log of a program that was accepted is a message of the least important kind.
    const asked = this.#request.verifier ? LEVELS.length - 1 : this.#printed;
    this.#native.setLogLevel(Math.max(this.#level, asked));
    const result = call();
    const taken = this.#native.takeLog();
    return { result, text: taken === undefined ? "" : this.#deliver(taken) };
  }

  #deliver(taken: string): string {
    let text = "";
    for (const entry of taken.split(SEPARATOR)) {
      if (entry === "" || RETRIED.test(entry)) continue;
      const level = Number(entry[0]);
      const message = entry.slice(1);
      if (level <= this.#printed || (this.#request.verifier && VERIFIER_LOG.test(entry)))
        printMessage(message);
      if (level > this.#level) continue;
      text += message;
      this.#tell(LEVELS[level] ?? "debug", message.replace(/\n$/, ""));
    }
    return text;
  }

  /** The number of the least important level that goes to standard error; below all of them if none does. */
  get #printed(): number {
    return this.#request.level === undefined ? -1 : LEVELS.indexOf(this.#request.level);
  }

  /**
   * What the app's callback throws is thrown on a turn of its own: in the midst of a call it would lose what the call
   * has made, such as a link.
   */
  #tell(level: LogLevel, message: string): void {
    try {
      this.#onLog?.(level, message);
    } catch (fault) {
      queueMicrotask(() => {
        throw fault;
      });
    }
  }
}
