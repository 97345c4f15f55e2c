/** What the runner in the guest says of a cell (runner.c). */
export interface CellRun {
  readonly name: string;
  readonly outcome: Outcome;
  /** Exit status, undefined when a signal ended the program or it never ran. */
  readonly exit?: number;
  readonly signal?: number;
  /** Milliseconds by the guest's clock, from before the set-up to the end of the clean-up. */
  readonly ms: number;
  readonly stdout: string;
  readonly stderr: string;
  /** The output of the set-up, the trigger and the clean-up. */
  readonly shell: string;
  /** BPF objects and probes that the cell left behind, one a line. */
  readonly left: string;
  /** The kernel's log while the cell ran. */
  readonly log: string;
  /** Bits of /proc/sys/kernel/tainted that the cell set. */
  readonly taint: number;
}

export type Outcome =
  /**
   * Everything that was awaited was seen, and the program ended when it was told to, or by itself if that was
   * expected.
   */
  | "ok"
  | "setup-failed"
  | "trigger-failed"
  | "cleanup-failed"
  /** The program ended before it was told to. */
  | "exited"
  | "not-ready"
  | "not-seen"
  | "not-ended"
  | "not-stopped"
  /** The guest died or was stopped while the cell ran. */
  | "guest-lost";

const END = Buffer.from("\n");

/**
 * Puts the frames of a guest's second serial port together. Bytes may come in any pieces; what is not a frame is
 * dropped.
 */
export class FrameReader {
  #pending: Buffer = Buffer.alloc(0);
  #parts: Map<string, string> | undefined;
  readonly cells: CellRun[] = [];
  /** The guest has run every cell. */
  finished = false;

  push(chunk: Uint8Array): void {
    this.#pending = Buffer.concat([this.#pending, chunk]);
    for (;;) {
      const start = this.#pending.indexOf("@frame ");
      const newline = start < 0 ? -1 : this.#pending.indexOf(END, start);
      if (newline < 0) return;
      const match = /^@frame (\w+) (\d+)$/.exec(this.#pending.toString("latin1", start, newline));
      if (match === null) {
        this.#pending = this.#pending.subarray(start + 1);
        continue;
      }
      const end = newline + 1 + Number(match[2]);
      if (this.#pending.length < end + 1) return;
      const body = this.#pending.toString("utf8", newline + 1, end);
      this.#pending = this.#pending.subarray(end + 1);
      this.#take(match[1]!, body);
    }
  }

  /** The cell that had begun and not ended when the guest stopped. */
  lost(): CellRun | undefined {
    return this.#parts && cellRun(this.#parts, { outcome: "guest-lost" });
  }

  #take(kind: string, body: string): void {
    if (kind === "bye") {
      this.finished = true;
    } else if (kind === "begin") {
      this.#parts = new Map([["name", body]]);
    } else if (kind === "end" && this.#parts) {
      const fields = Object.fromEntries(body.split("\n").map((line) => line.split("=")));
      this.cells.push(cellRun(this.#parts, fields));
      this.#parts = undefined;
    } else {
      this.#parts?.set(kind, body);
    }
  }
}

function cellRun(parts: ReadonlyMap<string, string>, fields: Record<string, string>): CellRun {
  const text = (kind: string) => parts.get(kind) ?? "";
  const exit = Number(fields.exit ?? -1);
  const signal = Number(fields.signal ?? 0);
  return {
    name: text("name"),
    outcome: fields.outcome as Outcome,
    ...(exit >= 0 ? { exit } : {}),
    ...(signal > 0 ? { signal } : {}),
    ms: Number(fields.ms ?? 0),
    stdout: text("stdout"),
    stderr: text("stderr"),
    shell: text("shell"),
    left: text("left"),
    log: text("log"),
    taint: Number(fields.taint ?? 0),
  };
}
