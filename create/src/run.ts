import { execa } from "execa";
import { Failure } from "../../toolchain/src/failure.ts";
import type { CreateFailure } from "./failures.ts";

export interface Command {
  readonly cwd: string;
  readonly signal: AbortSignal;
  readonly env?: Readonly<Record<string, string>>;
  /** Milliseconds until the command is ended. */
  readonly timeout?: number;
}

export interface Outcome {
  readonly ok: boolean;
  readonly stdout: string;
  /** Both streams, as they came. */
  readonly output: string;
  readonly exitCode?: number;
  readonly timedOut: boolean;
}

/** The Debian package of a program we start, and what we need it for. */
const programs: Readonly<Record<string, { package: string; purpose: string }>> = {
  git: { package: "git", purpose: "fetch and record the vendored sources" },
  npm: { package: "npm", purpose: "install the app's packages" },
  "apt-get": { package: "apt", purpose: "fetch Debian's signed sources" },
  "dpkg-deb": { package: "dpkg", purpose: "open Debian's packages" },
  tar: { package: "tar", purpose: "unpack sources" },
  xz: { package: "xz-utils", purpose: "unpack sources" },
  bzip2: { package: "bzip2", purpose: "unpack sources" },
  gzip: { package: "gzip", purpose: "unpack sources" },
};

/** One language of messages, and no repository other than the one of the working directory. */
const plain = { LC_ALL: "C.UTF-8", GIT_DIR: undefined, GIT_WORK_TREE: undefined, GIT_INDEX_FILE: undefined };

/** Runs a command to its end, whatever its exit code. Throws `tool-missing` and, once `signal` has fired, its reason. */
export async function attempt(file: string, args: readonly string[], command: Command): Promise<Outcome> {
  command.signal.throwIfAborted();
  const child = execa(file, args, {
    cwd: command.cwd,
    env: { ...plain, ...command.env },
    stdin: "ignore",
    reject: false,
    stripFinalNewline: false,
    all: true,
    maxBuffer: 32 * 1024 * 1024,
    // A group of its own, because git and npm start programs that outlive them and would keep the pipes open.
    detached: true,
  });
  const end = () => endGroup(child.pid);
  let timedOut = false;
  const timer =
    command.timeout &&
    setTimeout(() => {
      timedOut = true;
      end();
    }, command.timeout);
  command.signal.addEventListener("abort", end, { once: true });
  const result = await child;
  clearTimeout(timer);
  command.signal.removeEventListener("abort", end);
  command.signal.throwIfAborted();
  if (result.code === "ENOENT") throw missing(file);
  return {
    ok: !result.failed,
    stdout: result.stdout ?? "",
    output: result.all ?? "",
    timedOut,
    ...(result.exitCode === undefined ? {} : { exitCode: result.exitCode }),
  };
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

/** Runs a command that has to succeed and gives its standard output. */
export async function run(file: string, args: readonly string[], command: Command): Promise<string> {
  const outcome = await attempt(file, args, command);
  if (outcome.ok) return outcome.stdout;
  throw new Failure<CreateFailure>({
    kind: "command-failed",
    command: [file, ...args].join(" "),
    output: outcome.output,
    ...(outcome.exitCode === undefined ? {} : { exitCode: outcome.exitCode }),
  });
}

export function missing(tool: string): Failure<CreateFailure> {
  const known = programs[tool] ?? { package: tool, purpose: "make the app" };
  return new Failure<CreateFailure>({ kind: "tool-missing", tool, ...known });
}
