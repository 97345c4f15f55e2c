import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";

// This module is `bpf-app/testing`, which the tests of an app import.

/** How an app is run. */
export interface RunOptions {
  /**
   * For how many milliseconds each wait goes on: for something to be printed, and for the app to end. It is 20,000 if not
   * given.
   */
  readonly timeoutMs?: number;
  /** Variables of the app's environment, on top of those of the test's own. */
  readonly env?: Readonly<Record<string, string>>;
}

/** An event as the app prints it, as a line of JSON. */
export type Printed = Readonly<Record<string, unknown>>;

/**
 * Starts `dist/NAME`, which `npm run build` has made, and collects what it prints. An app that is not there is told of by
 * the first wait.
 *
 * @param name - the app's name
 * @param args - the arguments of its command line
 */
export function runApp(name: string, args: readonly string[] = [], options: RunOptions = {}): AppRun {
  return new AppRun(resolve("dist", name), args, options);
}

/** A running app. It is killed, if it still runs, when it is disposed of: declare it with `await using`. */
export class AppRun implements AsyncDisposable {
  readonly #child: ChildProcess;
  readonly #timeoutMs: number;
  readonly #ended: Promise<unknown>;
  readonly #changed = new Set<() => void>();
  readonly #file: string;
  /** What the app has printed to standard output so far. */
  stdout = "";
  /** What the app has printed to standard error so far. */
  stderr = "";

  /** @internal */
  constructor(file: string, args: readonly string[], { timeoutMs = 20_000, env }: RunOptions) {
    this.#file = file;
    this.#timeoutMs = timeoutMs;
    const child = spawn(file, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
    this.#child = child;
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      this.stdout += text;
      this.#notify();
    });
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      this.stderr += text;
      this.#notify();
    });
    this.#ended = once(child, "close").then(
      () => this.#notify(),
      (error: Error) => {
        this.stderr += `${error.message}: build the app first\n`;
        this.#notify();
      },
    );
  }

  /** The number of its process; -1 if it could not be started. */
  get pid(): number {
    return this.#child.pid ?? -1;
  }

  /**
   * Waits for output that matches.
   *
   * @param pattern - it is looked for in all of standard output, then in all of standard error
   * @returns the match
   * @throws `Error` if the app ends or the time is over before
   */
  async saw(pattern: RegExp): Promise<RegExpMatchArray> {
    return await this.#until(() => this.stdout.match(pattern) ?? this.stderr.match(pattern), String(pattern));
  }

  /**
   * Waits for a line of JSON that passes a test.
   *
   * @param test - is asked about each event
   * @param trigger - makes the app print the event; it is called about every 250 milliseconds until the event comes
   * @returns the first event that passes
   * @throws `Error` if the app ends or the time is over before
   */
  async event(test: (event: Printed) => boolean, trigger?: () => unknown): Promise<Printed> {
    return await this.#until(() => this.events().find(test), "the awaited event", trigger);
  }

  /** The lines of JSON that the app has printed so far. */
  events(): Printed[] {
    const lines = this.stdout.split("\n").slice(0, -1);
    return lines.filter((line) => line.startsWith("{")).map((line) => JSON.parse(line) as Printed);
  }

  /**
   * Ends the app as ^C does.
   *
   * @param signal - what it is sent
   * @returns its exit code; null if a signal has ended it, because the time was over or it does not catch this one
   * @throws `Error` if it could not be started
   */
  async stop(signal: NodeJS.Signals = "SIGINT"): Promise<number | null> {
    this.#child.kill(signal);
    return await this.exit();
  }

  /**
   * Waits for the app to end by itself, and kills it when the time is over.
   *
   * @returns its exit code; null if a signal has ended it
   * @throws `Error` if it could not be started
   */
  async exit(): Promise<number | null> {
    const timer = setTimeout(() => this.#child.kill("SIGKILL"), this.#timeoutMs);
    await this.#ended;
    clearTimeout(timer);
    if (this.#child.pid === undefined) throw new Error(this.stderr.trimEnd());
    return this.#child.exitCode;
  }

  /** Kills the app if it still runs, and waits for its end. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#ended;
  }

  get #running(): boolean {
    return this.#child.pid !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  #notify(): void {
    for (const call of this.#changed) call();
  }

  async #until<T>(look: () => T | null | undefined, what: string, trigger?: () => unknown): Promise<T> {
    const until = performance.now() + this.#timeoutMs;
    for (;;) {
      const found = look();
      if (found !== null && found !== undefined) return found;
      if (!this.#running) {
        await this.#ended;
        // What is awaited may be the last that it printed.
        const last = look();
        if (last !== null && last !== undefined) return last;
        throw new Error(`${this.#file} ended before ${what}${this.#words()}`);
      }
      if (performance.now() > until)
        throw new Error(`${this.#file} did not print ${what} in time${this.#words()}`);
      await trigger?.();
      await this.#change(250);
    }
  }

  async #change(milliseconds: number): Promise<void> {
    let done = () => {};
    const changed = new Promise<void>((resolve) => {
      done = resolve;
    });
    this.#changed.add(done);
    const timer = setTimeout(done, milliseconds);
    await changed;
    clearTimeout(timer);
    this.#changed.delete(done);
  }

  #words(): string {
    const code = this.#child.exitCode === null ? "" : ` (exit code ${this.#child.exitCode})`;
    return `${code}\nstderr: ${this.stderr.slice(-2000)}\nstdout: ${this.stdout.slice(-2000)}`;
  }
}
