import { watch } from "node:fs";
import { join, resolve } from "node:path";
import { reportRebuildFailed } from "../report/dev.ts";
import { type AppProcess, runApp, startApp } from "./app-process.ts";
import { type BuildOptions, build } from "./build.ts";
import { prepare } from "./prepare.ts";
import { chooseTarget } from "./start.ts";
import type { Call } from "./verb.ts";

/** The first Node that runs an app's TypeScript as it is, `using` included. Older ones get the bundled script. */
const RUNS_SOURCES = 24;

/** Editors write a file in several strokes; one build is enough for them, milliseconds. */
const SETTLE = 120;

/**
 * Builds what src/NAME.ts needs and runs it with the app's Node, from the sources. After every edit below src/ it
 * builds again and, if that succeeds, starts the app anew; if not, it says why and the old one keeps running.
 * @returns the exit status: the app's with --once, else 0 after ^C
 * @throws as `start`
 */
export async function dev(
  call: Call<{ readonly name: string | undefined; readonly once: boolean }>,
): Promise<number> {
  const { root, assignments, options, rest } = call;
  const prepared = await prepare(root, assignments);
  const target = chooseTarget(prepared.config, "dev", options.name);
  const { executable, version } = prepared.host.node;
  const sources = Number.parseInt(version, 10) >= RUNS_SOURCES;
  const wanted: BuildOptions = { targets: [target], upTo: sources ? "addon" : "script" };
  const command = [
    resolve(root, executable),
    sources ? join("src", `${target}.ts`) : join(".output", `${target}.cjs`),
    ...rest,
  ];
  await build(prepared, wanted);
  if (options.once) return await runApp(root, command);
  // What was edited may change the plan: another header, another program.
  return await runAgain(root, command, async () => build(await prepare(root, assignments), wanted));
}

/** Runs a command until ^C, and again whenever something below src/ changes and `rebuild` succeeds. */
async function runAgain(
  root: string,
  command: readonly string[],
  rebuild: () => Promise<void>,
): Promise<number> {
  let app = startApp(root, command);
  let settled: NodeJS.Timeout | undefined;
  let working = Promise.resolve();
  const again = async () => {
    try {
      await rebuild();
    } catch (error) {
      reportRebuildFailed((await import("./errors.ts")).errorText(error));
      return;
    }
    await stop(app);
    app = startApp(root, command);
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
  await stop(app);
  return 0;
}

/** Asks an app to end, as ^C would, and waits until it has. */
async function stop(app: AppProcess): Promise<void> {
  app.signal("SIGINT");
  await app.ended;
}
