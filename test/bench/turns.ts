import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";

/** What a case answers. */
export type Figures = Readonly<Record<string, number>>;

/**
 * The medians of what the commands answer. Every round runs all of them, so that whatever else goes on at the time hits
 * all that is compared.
 *
 * @param warmUp - how many of the rounds do not count, because V8 still compiles in them
 */
export async function inTurns(
  commands: readonly (readonly string[])[],
  count: number,
  warmUp: number,
): Promise<Figures> {
  const values: Record<string, number[]> = {};
  for (const figures of (await rounds(commands, count)).slice(warmUp).flat()) {
    for (const [name, value] of Object.entries(figures)) values[name] = [...(values[name] ?? []), value];
  }
  return Object.fromEntries(Object.entries(values).map(([name, all]) => [name, median(all)]));
}

/** What each command answers, one value for each round. */
export async function rounds<T extends object = Figures>(
  commands: readonly (readonly string[])[],
  count: number,
): Promise<T[][]> {
  const cases = commands.map((command) => new Case(command));
  const answers: T[][] = [];
  try {
    for (let round = 0; round < count; round++) {
      const answer: T[] = [];
      for (const one of cases) answer.push(await one.ask<T>());
      answers.push(answer);
    }
  } finally {
    await Promise.all(cases.map((one) => one.end()));
  }
  return answers;
}

/** A process that answers with a line of JSON: whenever it is asked by a line, or of itself. */
export class Case {
  readonly #command: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #exit: Promise<unknown>;

  constructor(command: readonly string[]) {
    const [program = "", ...args] = command;
    this.#command = command.join(" ");
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "inherit"] });
    // The process may have ended; that its answer is missing will say so.
    child.stdin.on("error", () => {});
    this.#exit = once(child, "close");
    this.#exit.catch(() => {});
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /** Sends a line, and waits for the answer. */
  async ask<T>(line = ""): Promise<T> {
    this.#child.stdin!.write(`${line}\n`);
    return await this.answer<T>();
  }

  /**
   * Waits for a line.
   *
   * @throws Error if the process ended without one
   */
  async answer<T>(): Promise<T> {
    const { value, done } = await this.#lines.next();
    if (done) throw new Error(`it ended without an answer: ${this.#command}`);
    return JSON.parse(value) as T;
  }

  /** Tells the process to end by a signal, which it answers with what it has found. */
  terminate(): void {
    this.#child.kill("SIGTERM");
  }

  async end(): Promise<void> {
    this.#child.stdin!.end();
    await this.#exit;
  }
}

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}
