import { readFile } from "node:fs/promises";
import { execa } from "execa";
import { Failure } from "./failure.ts";
import { type Install, installOfProgram } from "./packages.ts";

/** What can go wrong with a command before or after it runs. `words.ts` says it in words. */
export type CommandFailure =
  | { readonly kind: "program-missing"; readonly program: string; readonly install: Install | undefined }
  | {
      readonly kind: "command-failed";
      readonly command: string;
      readonly exitCode?: number;
      readonly output: string;
    };

declare module "./failure.ts" {
  interface Failures {
    command: CommandFailure;
  }
}

export interface Command {
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the command is ended. */
  readonly timeout?: number;
  /** Ends a command that downloads and has come to a standstill, or nearly. */
  readonly pace?: Pace;
  /** Standard input; empty if absent. */
  readonly input?: string;
}

export interface Pace {
  /** How many bytes have arrived for the command that runs as `pid`. */
  readonly arrived: (pid: number) => Promise<number>;
  /** So many bytes have to arrive … */
  readonly bytes: number;
  /** … in so many milliseconds. */
  readonly within: number;
}

export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  /** Both streams, as they came. */
  readonly output: string;
  readonly exitCode?: number;
  /** Why the command was ended by us, if it was. */
  readonly ended?: "timeout" | "slow";
}

/** One language of messages, and no repository other than the one of the working directory. */
const PLAIN = { LC_ALL: "C.UTF-8", GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined };

/**
 * Runs a command to its end, whatever its exit code.
 *
 * @throws Failure program-missing; once `signal` has fired, its reason
 */
export async function attempt(file: string, args: readonly string[], command: Command): Promise<Outcome> {
  command.signal.throwIfAborted();
  const child = execa(file, args, {
    cwd: command.cwd,
    env: { ...PLAIN, ...command.env },
    ...(command.input === undefined ? { stdin: "ignore" } : { input: command.input }),
    reject: false,
    stripFinalNewline: false,
    all: true,
    maxBuffer: 32 * 1024 * 1024,
    // A group of its own, because git and npm start programs that outlive them and would keep the pipes open.
    detached: true,
  });
  const end = () => endGroup(child.pid);
  command.signal.addEventListener("abort", end, { once: true });
  const limits = limit(command, child.pid, end);
  const result = await child;
  limits.stop();
  command.signal.removeEventListener("abort", end);
  command.signal.throwIfAborted();
  if (result.code === "ENOENT") throw missing(file);
  const ended = limits.reached();
  return {
    ok: !result.failed,
    stdout: result.stdout ?? "",
    output: result.all ?? "",
    ...(ended ? { ended } : {}),
    ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
  };
}

/** Calls `end` when the command's time is over or its pace too low. */
function limit(
  { timeout, pace }: Command,
  pid: number | undefined,
  end: () => void,
): { stop: () => void; reached: () => Outcome["ended"] } {
  let reached: Outcome["ended"];
  const reach = (what: Outcome["ended"]) => {
    reached ??= what;
    end();
  };
  const timer = timeout === undefined ? undefined : setTimeout(reach, timeout, "timeout");
  let before = 0;
  const look = async (paced: Pace) => {
    const now = await paced.arrived(pid ?? 0);
    if (now - before < paced.bytes) reach("slow");
    // What was thrown away, as a list after it was unpacked, is no step back.
    before = Math.max(before, now);
  };
  const watch = pace && setInterval(() => void look(pace), pace.within);
  return {
    stop: () => {
      clearTimeout(timer);
      clearInterval(watch);
    },
    reached: () => reached,
  };
}

/** What a process has read so far, from files and from the network: proc(5), `rchar`. 0 once it is gone. */
export async function bytesRead(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/io`, "utf8").catch(() => "");
  return Number(/^rchar: (\d+)/m.exec(text)?.[1] ?? 0);
}

/** Ends a command and everything it started: politely, and two seconds later for certain. */
function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-leader, signal);
    } catch {
      // Nobody is left.
    }
  };
  kill("SIGTERM");
  setTimeout(kill, 2000, "SIGKILL").unref();
}

/**
 * Runs a command that has to succeed and gives its standard output.
 *
 * @throws Failure program-missing, command-failed
 */
export async function run(file: string, args: readonly string[], command: Command): Promise<string> {
  const outcome = await attempt(file, args, command);
  if (outcome.ok) return outcome.stdout;
  throw new Failure("command", {
    kind: "command-failed",
    command: [file, ...args].join(" "),
    output: outcome.output,
    ...(outcome.exitCode === undefined ? {} : { exitCode: outcome.exitCode }),
  });
}

function missing(program: string): Failure<"command"> {
  return new Failure("command", { kind: "program-missing", program, install: installOfProgram(program) });
}
