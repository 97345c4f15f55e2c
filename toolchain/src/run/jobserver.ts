import { closeSync, constants, openSync, read, readSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { Failure } from "../base/failure.ts";
import type { Slots } from "./schedule.ts";

/** The open descriptors of the FIFO. */
interface Fifo {
  /** Reads and writes of this one never block. */
  readonly own: number;
  /** A read of this one sleeps until there is a token. */
  readonly blocking: number;
  /** The children inherit these: they read from the first and write to the second. */
  readonly handed: readonly [number, number];
}

/**
 * Job slots as in GNU make's jobserver: each byte in a FIFO is a token, which is the right to run one command. A step
 * of the engine takes one token. A `make` that runs as a step uses that token, and takes more from the same FIFO for
 * its children.
 *
 * The FIFO exists only from the moment a step needs it; before that, slots are just counted. make's manual describes
 * the protocol under "POSIX Jobserver Interaction". Children inherit descriptors, which every make understands since
 * 4.2, and not the name of the FIFO, which only make 4.4 and newer understands.
 */
export class Jobserver implements Slots {
  readonly #jobs: number;
  readonly #path: string;
  /** The number of slots that steps have taken. */
  #held = 0;
  /** The number of running steps whose command has the FIFO. */
  #clients = 0;
  #fifo: Fifo | undefined;
  readonly #waiting: (() => void)[] = [];
  /** A background read is under way and may have taken a token. */
  #reading = false;
  /** The tokens are counted again when the background read has ended. Until then no slot is given out. */
  #recounting = false;

  /**
   * @param jobs how many commands may run at once
   * @param path where the FIFO is created; the name is removed as soon as the FIFO is open
   */
  constructor(jobs: number, path: string) {
    this.#jobs = Math.max(1, Math.floor(jobs));
    this.#path = path;
  }

  take(): boolean {
    if (this.#recounting) return false;
    const free = this.#fifo ? this.#readToken(this.#fifo.own) : this.#held < this.#jobs;
    if (free) this.#held++;
    return free;
  }

  give(): void {
    this.#held--;
    if (this.#fifo) writeSync(this.#fifo.own, "+");
    this.#wake();
  }

  wait(then: () => void): void {
    this.#waiting.push(then);
    if (this.#fifo) this.#readInBackground(this.#fifo);
  }

  /** Tells what the command of a step that has a slot inherits. The caller calls `left` when the command has ended. */
  enter(): { readonly fds: readonly number[]; readonly env: Readonly<Record<string, string>>; left(): void } {
    this.#fifo ??= this.#open();
    this.#clients++;
    return {
      fds: this.#fifo.handed,
      env: { MAKEFLAGS: ` -j${this.#jobs} --jobserver-auth=3,4` },
      left: () => {
        this.#clients--;
        if (this.#clients === 0) this.#recount();
      },
    };
  }

  #open(): Fifo {
    makeFifo(this.#path);
    const { O_RDWR, O_NONBLOCK } = constants;
    // Each descriptor is opened by itself, because make switches the one that it reads from to non-blocking, and
    // duplicates of a descriptor share that mode.
    const fifo = {
      own: openSync(this.#path, O_RDWR | O_NONBLOCK),
      blocking: openSync(this.#path, O_RDWR),
      handed: [openSync(this.#path, O_RDWR), openSync(this.#path, O_RDWR)],
    } as const;
    unlinkSync(this.#path);
    process.once("exit", this.#wakeReader);
    writeSync(fifo.own, "+".repeat(this.#jobs - this.#held));
    if (this.#waiting.length) this.#readInBackground(fifo);
    return fifo;
  }

  /**
   * Restores the tokens that a killed make did not give back. When no make is left, it is known how many tokens the
   * FIFO should have. A background read has to end first, because it may have taken a token that is counted nowhere.
   */
  #recount(): void {
    if (!this.#fifo) return;
    const { own } = this.#fifo;
    this.#recounting = this.#reading;
    while (this.#readToken(own)) {}
    writeSync(own, "+".repeat(this.#recounting ? 1 : this.#jobs - this.#held));
  }

  #readToken(fd: number): boolean {
    try {
      return readSync(fd, Buffer.alloc(1)) === 1;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "EAGAIN") return false;
      throw error;
    }
  }

  /** Waits, in a thread of Node's pool, until a make gives a token back. */
  #readInBackground({ own, blocking }: Fifo): void {
    if (this.#reading) return;
    this.#reading = true;
    read(blocking, Buffer.alloc(1), 0, 1, null, (error, count) => {
      this.#reading = false;
      if (!this.#fifo) return closeSync(blocking);
      if (this.#recounting) this.#recount();
      else if (!error && count === 1) writeSync(own, "+");
      this.#wake();
    });
  }

  #wake(): void {
    for (const then of this.#waiting.splice(0)) then();
  }

  /** A process waits at its end for the thread that reads, whatever has made it exit. */
  readonly #wakeReader = () => {
    if (this.#fifo && this.#reading) writeSync(this.#fifo.own, "+");
  };

  /** Closes the FIFO, when no step runs any more. */
  close(): void {
    if (!this.#fifo) return;
    process.off("exit", this.#wakeReader);
    const { own, blocking, handed } = this.#fifo;
    this.#fifo = undefined;
    // If a background read is asleep, this token wakes it, and it then closes its descriptor by itself.
    if (this.#reading) writeSync(own, "+");
    else closeSync(blocking);
    for (const fd of [own, ...handed]) closeSync(fd);
  }
}

/** Creates a FIFO with mkfifo(1), because Node has no call for it. */
function makeFifo(path: string): void {
  rmSync(path, { force: true });
  const { error, status } = process
    .getBuiltinModule("node:child_process")
    .spawnSync("mkfifo", ["-m", "600", path]);
  if ((error as NodeJS.ErrnoException | undefined)?.code === "ENOENT") {
    throw new Failure("run", { kind: "tool-vanished", tool: "mkfifo" });
  }
  if (error) throw error;
  if (status !== 0) throw new Failure("run", { kind: "permission", path });
}
