import { type ChildProcess, spawn } from "node:child_process";
import { watch } from "node:fs";
import { join, resolve } from "node:path";
import type { Words } from "../config/words.ts";
import { errorText } from "../report/errors.ts";
import { terminal } from "../report/terminal.ts";
import { type BuildOptions, build } from "./build.ts";
import { prepare } from "./prepare.ts";
import { choose, privileged, run } from "./start.ts";

/** The first Node that runs an app's TypeScript as it is, `using` included. Older ones get the bundled script. */
const RUNS_SOURCES = 24;

/** Editors write a file in several strokes; one build is enough for them, milliseconds. */
const SETTLE = 120;

/**
 * Builds what src/NAME.ts needs and runs it with the app's Node, from the sources. After every edit below src/ it
 * builds again and, if that succeeds, starts the app anew; if not, it says why and the old one keeps running.
 */
export async function dev(
  root: string,
  assignments: Words["assignments"],
  name: string | undefined,
  args: readonly string[],
  once: boolean,
): Promise<number> {
  const prepared = await prepare(root, assignments);
  const target = choose(prepared, "dev", name);
  const { executable, version } = prepared.host.node;
  const sources = Number.parseInt(version, 10) >= RUNS_SOURCES;
  const options: BuildOptions = { targets: [target], upTo: sources ? "addon" : "script" };
  const command = [
    resolve(root, executable),
    sources ? join("src", `${target}.ts`) : join(".output", `${target}.cjs`),
    ...args,
  ];
  await build(root, assignments, options);
  if (once) return await run(root, command);
  return await runAgain(root, command, () => build(root, assignments, options));
}

/** Runs a command until ^C, and again whenever something below src/ changes and `rebuild` succeeds. */
async function runAgain(
  root: string,
  command: readonly string[],
  rebuild: () => Promise<void>,
): Promise<number> {
  let child = start(root, command);
  let settled: NodeJS.Timeout | undefined;
  let working = Promise.resolve();
  const again = async () => {
    try {
      await rebuild();
    } catch (error) {
      terminal.error(errorText(error));
      return;
    }
    await stop(child);
    child = start(root, command);
  };
  const watcher = watch(join(root, "src"), { recursive: true }, () => {
    clearTimeout(settled);
    settled = setTimeout(() => {
      working = working.then(again);
    }, SETTLE);
  });
  await new Promise((end) => process.once("SIGINT", end).once("SIGTERM", end));
  clearTimeout(settled);
  watcher.close();
  await working;
  await stop(child);
  return 0;
}

function start(root: string, command: readonly string[]): ChildProcess {
  const [program, ...args] = privileged(command);
  return spawn(program as string, args, { cwd: root, stdio: "inherit" });
}

/** Asks an app to end, as ^C would, and waits until it has. */
async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGINT");
  await ended;
}
