// A real session at a terminal: what is typed into a shell, and what comes back, with its times. The terminal is one of the
// kernel's (a pty), made by `script` of util-linux.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";

/** Something that was written to the terminal. */
export interface Chunk {
  /** Seconds from the beginning, in the time of the recording. */
  readonly at: number;
  readonly text: string;
}

/** What somebody does. */
export interface Line {
  readonly typed: string;
  /** At most how many seconds it takes in the recording. What took longer is shown faster. */
  readonly seconds: number;
  /** For what does not end by itself: after how many seconds it is ended by ^C. */
  readonly interruptAfter?: number;
}

/** The shell prints this with each prompt. Terminals do not show it. */
const PROMPT = "\u001b]133;A\u0007";
/** Seconds for each key, and before a line is typed. */
const KEY = 0.045;
const PAUSE = 0.7;
/** How many seconds a command may take before the session is given up. */
const LIMIT = 600;

/** The lines of a bash's start-up file that make its prompt a bare `$ `. */
export const BASHRC = [
  `PS1='\\[\\e]133;A\\a\\]$ '`,
  "PROMPT_COMMAND=",
  "unset HISTFILE",
  // Otherwise bash says that it switches modes of the terminal, around each line.
  "bind 'set enable-bracketed-paste off'",
];

/** Plays lines into an interactive bash, and returns all that it and its programs have written. */
export async function play(options: {
  readonly cwd: string;
  readonly bashrc: string;
  readonly columns: number;
  readonly rows: number;
  readonly env: NodeJS.ProcessEnv;
  readonly lines: readonly Line[];
}): Promise<Chunk[]> {
  const { cwd, bashrc, columns, rows, env, lines } = options;
  const start = `stty columns ${columns} rows ${rows} && exec bash --rcfile '${bashrc}' -i`;
  const child = spawn("script", ["--quiet", "--command", start, "/dev/null"], {
    cwd,
    env: { ...env, TERM: "xterm-256color", SHELL: "/bin/sh" },
    stdio: ["pipe", "pipe", "inherit"],
  });
  const session = new Session(child);
  await session.prompt();
  for (const line of lines) await session.play(line);
  child.stdin.end("\u0004");
  return session.chunks;
}

class Session {
  readonly chunks: Chunk[] = [];
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  /** What has come since the last take, with the seconds since 1970. */
  #come: { readonly at: number; readonly text: string }[] = [];
  /** Where the recording is, in seconds. */
  #now = 0;

  constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.#come.push({ at: Date.now() / 1000, text });
    });
  }

  /**
   * Waits for the shell's prompt.
   * @throws Error if it does not come
   */
  async prompt(): Promise<void> {
    await this.#until(() => this.#text().includes(PROMPT));
    await sleep(100);
    this.#take(Date.now() / 1000, 0);
  }

  async play({ typed, seconds, interruptAfter }: Line): Promise<void> {
    this.#now += PAUSE;
    for (const key of typed) {
      this.#child.stdin.write(key);
      await this.#until(() => this.#come.length > 0);
      await sleep(5);
      this.#take(Date.now() / 1000, 0);
      this.#now += KEY;
    }
    this.#now += PAUSE / 2;
    const began = Date.now() / 1000;
    this.#child.stdin.write("\r");
    if (interruptAfter !== undefined) {
      await sleep(interruptAfter * 1000);
      this.#child.stdin.write("\u0003");
    }
    await this.#until(() => this.#text().includes(PROMPT));
    await sleep(100);
    this.#take(began, seconds);
  }

  #text(): string {
    return this.#come.map(({ text }) => text).join("");
  }

  /** Takes what has come into the recording, in which it takes `seconds` at most. */
  #take(began: number, seconds: number): void {
    const took = Math.max(0, (this.#come.at(-1)?.at ?? began) - began);
    const scale = took > seconds ? seconds / took : 1;
    for (const { at, text } of this.#come)
      this.chunks.push({ at: this.#now + Math.max(0, at - began) * scale, text });
    this.#now += took * scale;
    this.#come = [];
  }

  async #until(come: () => boolean): Promise<void> {
    const limit = Date.now() + LIMIT * 1000;
    while (!come()) {
      if (Date.now() > limit || this.#child.exitCode !== null)
        throw new Error(`the session came to no prompt: ${this.#text()}`);
      await sleep(5);
    }
  }
}
