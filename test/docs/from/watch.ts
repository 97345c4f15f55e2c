import assert from "node:assert/strict";
import { execFile, spawn } from "node:child_process";
import { copyFileSync, existsSync, openSync } from "node:fs";
import { join } from "node:path";

/** A program of the pages, ready to be run, and how it writes what the others write, too. */
export interface Opens {
  /** The command, to which the id of a process is added, or 0 for all. */
  readonly command: readonly string[];
  readonly cwd: string;
  readonly env?: NodeJS.ProcessEnv;
  /** How it writes ENOENT. */
  readonly error: string;
  /** What precedes and follows a program's name where its calls are counted. */
  readonly count: readonly [before: string, after: string];
  /** A line of its histogram. */
  readonly slot: RegExp;
}

/** How the programs write it whose loop over the histogram is written out on the page. */
export const WRITTEN_OUT = { count: ["", " "], slot: /^from \d+ us: \d+$/m } as const;

/** No open of this path succeeds. */
const NOWHERE = "/nonexistent/from";
/** Longer than any of them takes to start on a busy machine: bpftrace and BCC compile, and others wait for the kernel. */
const LIMIT_MS = 120_000;

/** Runs the program for all processes, and for this one, and sees that it shows, counts and times the right calls. */
export async function proveOpens(program: Opens, folder: string): Promise<void> {
  const cat = join(folder, "from-cat");
  if (!existsSync(cat)) copyFileSync("/bin/cat", cat);
  const other = `${NOWHERE}/other`;
  const own = `${NOWHERE}/own`;
  const openBoth = () => {
    execFile(cat, [other], () => {});
    assert.throws(() => openSync(own, "r"), { code: "ENOENT" });
  };

  const all = await printedUntil({ ...program, command: [...program.command, "0"] }, openBoth, other);
  assert.match(all, /^Watching opens/m);
  assert.match(all, new RegExp(`^\\d+ from-cat ${other} ${escaped(program.error)}$`, "m"));
  const [before, after] = program.count.map(escaped);
  const count = new RegExp(`^${before}from-cat${after}(\\d+)$`, "m").exec(all)?.[1];
  assert.ok(Number(count) > 0, all);
  assert.match(all, program.slot);

  const pid = String(process.pid);
  const one = await printedUntil({ ...program, command: [...program.command, pid] }, openBoth, own);
  assert.match(one, new RegExp(`^${pid} .* ${own} ${escaped(program.error)}$`, "m"));
  assert.doesNotMatch(one, /from-cat/);
}

/** A program that prints its counts alone, at its end. */
export async function proveCounts(program: Omit<Opens, "error" | "slot">, folder: string): Promise<void> {
  const cat = join(folder, "from-cat");
  if (!existsSync(cat)) copyFileSync("/bin/cat", cat);
  let times = 0;
  const open = () => execFile(cat, [`${NOWHERE}/other`], () => times++);
  const printed = await printedUntil(program, open, () => times >= 20);
  const [before, after] = program.count.map(escaped);
  const count = new RegExp(`^${before}from-cat${after}(\\d+)$`, "m").exec(printed)?.[1];
  assert.ok(Number(count) > 0, printed);
}

/**
 * Runs a program, does something again and again until it has printed a text, ends it as ^C does and returns all that it
 * has printed.
 * @throws AssertionError if it prints nothing like that, or does not end with 0
 */
async function printedUntil(
  { command, cwd, env }: Pick<Opens, "command" | "cwd" | "env">,
  act: () => void,
  seen: string | (() => boolean),
): Promise<string> {
  const [program, ...args] = command;
  // It leads a process group of its own, so that nothing that it has started outlives the test.
  const child = spawn(program!, args, { cwd, env: { ...process.env, ...env }, detached: true });
  let printed = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      printed += text;
    });
  let interrupted = false;
  const timer = setInterval(() => {
    act();
    const enough = typeof seen === "string" ? printed.includes(seen) : seen();
    if (enough && !interrupted) child.kill("SIGINT");
    interrupted ||= enough;
  }, 250);
  const limit = setTimeout(() => process.kill(-child.pid!, "SIGKILL"), LIMIT_MS);
  const status = await new Promise((resolve) =>
    child.once("close", (code, signal) => resolve(code ?? signal)),
  );
  clearInterval(timer);
  clearTimeout(limit);
  assert.equal(status, 0, `${command.join(" ")} ended with ${status}:\n${printed}`);
  return printed;
}

function escaped(text: string): string {
  return text.replaceAll(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
