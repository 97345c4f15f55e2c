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
const SEPARATOR = "\x1e";

/** libbpf's log of one skeleton. The addon collects messages for the thread; each call's are taken right after it. */
export class Log {
  readonly #native: Native;
  readonly #level: number;
  readonly #onLog: LogOptions["onLog"];

  constructor(native: Native, options: LogOptions) {
    this.#native = native;
    this.#level = LEVELS.indexOf(options.logLevel ?? "info");
    this.#onLog = options.onLog;
  }

  /** Runs `call` and returns its result together with what libbpf said meanwhile. */
  during<T>(call: () => T): { result: T; text: string } {
    this.#native.setLogLevel(this.#level);
    const result = call();
    const taken = this.#native.takeLog();
    return { result, text: taken === undefined ? "" : this.#deliver(taken) };
  }

  #deliver(taken: string): string {
    let text = "";
    for (const entry of taken.split(SEPARATOR)) {
      if (entry === "" || RETRIED.test(entry)) continue;
      text += entry.slice(1);
      this.#tell(LEVELS[Number(entry[0])] ?? "debug", entry.slice(1).replace(/\n$/, ""));
    }
    return text;
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
