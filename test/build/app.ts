// An app for the tests of a file. It is scaffolded as a user would do it, from Debian's sources, whether or not the
// forge can be reached.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT } from "../root.ts";

export interface Ran {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program to its end. Nothing is thrown, whatever its exit status is. */
export function run(cwd: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const [program, ...args] = command;
  const { status, stdout, stderr } = spawnSync(program as string, args, {
    cwd,
    encoding: "utf8",
    // With NODE_TEST_CONTEXT set, a test runner that is started from a test does nothing, and says that all is well.
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
    maxBuffer: 64 << 20,
  });
  return { status, stdout, stderr };
}

/** sha256 of a file, in hexadecimal. */
export function hash(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

/** Runs the real scaffolder in `parent`, for an app named `app`. */
function scaffold(parent: string, template: string, flags: readonly string[]): void {
  const main = join(ROOT, "create/dist/main.js");
  const made = run(parent, [process.execPath, main, "app", "--template", template, "--yes", ...flags]);
  if (made.status !== 0)
    throw new Error(`the scaffolder ended with ${made.status}:\n${made.stdout}${made.stderr}`);
}

/**
 * The app that a run of the tests copies wherever an app of the same kind is wanted. To scaffold one, with the
 * packages that it installs, takes longer than half of the tests.
 */
function once(shared: string, template: string, flags: readonly string[]): string {
  const key = createHash("sha256")
    .update(JSON.stringify([template, flags]))
    .digest("hex")
    .slice(0, 8);
  const final = join(shared, `${template}-${key}`);
  if (!existsSync(final)) {
    const staging = mkdtempSync(`${final}.`);
    scaffold(staging, template, flags);
    // Another test may have been quicker.
    try {
      renameSync(staging, final);
    } catch {
      rmSync(staging, { recursive: true });
    }
  }
  return join(final, "app");
}

/** The folders of this process's apps. */
const parents: string[] = [];
process.once("exit", () => {
  for (const parent of parents) rmSync(parent, { recursive: true, force: true });
});

/** A scaffolded app in a temporary folder, which is removed after the tests. */
export class App {
  readonly dir: string;

  constructor(dir: string) {
    this.dir = dir;
  }

  /** An app as the real scaffolder makes it. `flags` are given to it besides the template, such as `--vendor git`. */
  static make(template: string, flags: readonly string[] = ["--vendor", "pool,index", "--no-git"]): App {
    const parent = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
    parents.push(parent);
    const shared = process.env.BPF_APP_TEST_SHARED;
    if (shared === undefined) scaffold(parent, template, flags);
    else
      cpSync(once(shared, template, flags), join(parent, "app"), { recursive: true, verbatimSymlinks: true });
    return new App(join(parent, "app"));
  }

  /** `npm run build -- ARGS` */
  build(args: readonly string[] = [], env: NodeJS.ProcessEnv = {}): Ran {
    return run(this.dir, ["npm", "run", "--silent", "build", "--", ...args], env);
  }

  path(file: string): string {
    return join(this.dir, file);
  }
}

/** Starts a program, waits until its output matches, stops it with SIGINT and resolves to how it ended. */
export async function runUntil(
  cwd: string,
  command: readonly string[],
  seen: RegExp,
): Promise<Ran & { stopped: boolean }> {
  // It leads a process group of its own, so that nothing that it has started outlives a test that fails.
  const child = spawn(command[0]!, command.slice(1), {
    cwd,
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  let stdout = "";
  let stderr = "";
  let stopped = false;
  const stop = () => {
    stopped = true;
    child.kill("SIGINT");
  };
  // A program that shows nothing is stopped too, and the test then sees what it printed instead.
  const deadline = setTimeout(stop, 20_000);
  const end = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), 40_000);
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
    if (!stopped && seen.test(stdout)) stop();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const status = await new Promise<number | null>((resolve) => child.once("close", resolve));
  clearTimeout(deadline);
  clearTimeout(end);
  return { status, stdout, stderr, stopped };
}
