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

/** Where and how a command runs. */
export interface Command {
  readonly cwd: string;
  /** Ends the command and everything that it has started. */
  readonly signal: AbortSignal;
  /** Variables on top of this process's environment; undefined takes one out of it. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the command is ended. */
  readonly timeout?: number;
  /** Ends a command that downloads too slowly. */
  readonly pace?: Pace;
  /** The text of standard input. Without it standard input is empty. */
  readonly input?: string;
}

/** The slowest pace that a download may have: `bytes` in every period of `within` milliseconds. */
export interface Pace {
  /** Tells how many bytes have arrived so far for the command that runs as `pid`. */
  readonly arrived: (pid: number) => Promise<number>;
  readonly bytes: number;
  readonly within: number;
}

/** How a command ended. */
export interface Outcome {
  /** The command ran and its exit code was 0. */
  readonly ok: boolean;
  readonly stdout: string;
  /** Standard output and standard error, in the order in which they were written. */
  readonly output: string;
  readonly exitCode?: number;
  /** Set if we ended the command: its time was over, or it was slower than `pace`. */
  readonly ended?: "timeout" | "slow";
}

/** Messages are in English on every machine, and git works on the repository of the working directory only. */
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
    // The command gets a process group of its own: git and npm start programs that outlive them and keep the pipes
    // open.
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

/** Calls `end` when the command's time is over or its pace is too low. */
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
    // The count can shrink, for example when a list is deleted after it was unpacked. That is not a loss of pace.
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

/**
 * How many bytes a process has read so far, from files and from the network (`rchar` of proc(5)); 0 once it has ended.
 */
export async function bytesRead(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/io`, "utf8").catch(() => "");
  return Number(/^rchar: (\d+)/m.exec(text)?.[1] ?? 0);
}

/** Ends a command and everything it started: with SIGTERM, and two seconds later with SIGKILL. */
function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  const kill = (signal: NodeJS.Signals) => {
    try {
      process.kill(-leader, signal);
    } catch {
      // No process of the group is left.
    }
  };
  kill("SIGTERM");
  setTimeout(kill, 2000, "SIGKILL").unref();
}

/**
 * Runs a command that has to succeed and returns its standard output.
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
