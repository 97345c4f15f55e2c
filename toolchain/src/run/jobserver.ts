import { closeSync, constants, openSync, read, readSync, rmSync, unlinkSync, writeSync } from "node:fs";
import { Failure } from "../base/failure.ts";
import type { Slots } from "./schedule.ts";

interface Fifo {
  /** Never blocks. */
  readonly own: number;
  /** A read of it sleeps until there is a token. */
  readonly blocking: number;
  /** For children: one to read from, one to write to. */
  readonly handed: readonly [number, number];
}

/**
 * Job slots as GNU make's jobserver has them: a byte in a FIFO is the right to run one command. A step of the engine
 * takes one; a `make` that runs as a step works on that one and takes more from the same FIFO for its children.
 *
 * Until a step needs it the FIFO does not exist and slots are counted here. The protocol is described in make's
 * manual, "POSIX Jobserver Interaction"; descriptors are understood by every make since 4.2, a FIFO's name only by
 * 4.4, so descriptors are handed down.
 */
export class Jobserver implements Slots {
  readonly #jobs: number;
  readonly #path: string;
  /** Slots taken by steps. */
  #held = 0;
  /** Steps that run with the FIFO in hand. */
  #clients = 0;
  #fifo: Fifo | undefined;
  readonly #waiting: (() => void)[] = [];
  /** A token may be on its way to the background read. */
  #reading = false;
  #recounting = false;

  /** `path`: where the FIFO may be made, for as long as it takes to open it. */
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

  /** For a step that holds a slot: what its command inherits. `left` is to be called when it has ended. */
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
    // Opened one by one: make turns off blocking on the one it reads from, which must not reach the others.
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
   * A make that was killed keeps its tokens; with no make left, what should be in the FIFO is known. A background
   * read has to end first, as it may have taken a token that nobody sees.
   */
  #recount(): void {
    const { own } = this.#fifo!;
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

  /** Sleeps in the kernel until a token comes back from a make. */
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

  close(): void {
    if (!this.#fifo) return;
    process.off("exit", this.#wakeReader);
    const { own, blocking, handed } = this.#fifo;
    this.#fifo = undefined;
    // A read that sleeps is woken and closes what it reads from itself.
    if (this.#reading) writeSync(own, "+");
    else closeSync(blocking);
    for (const fd of [own, ...handed]) closeSync(fd);
  }
}

/** Node has no call for it. */
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
