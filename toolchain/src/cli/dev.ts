import { watch } from "node:fs";
import { join, resolve } from "node:path";
import { reportRebuildFailed } from "../report/dev.ts";
import { type AppProcess, runApp, startApp } from "./app-process.ts";
import { type BuildOptions, build } from "./build.ts";
import { prepare } from "./prepare.ts";
import { chooseTarget } from "./start.ts";
import type { Call } from "./verb.ts";

/** The first version of Node that runs TypeScript with `using` as it is. An older one runs the bundled script. */
const RUNS_SOURCES = 24;

/** How long to wait for further changes before a build, in milliseconds. Editors save one file in several steps. */
const SETTLE = 120;

/**
 * Builds what src/NAME.ts needs, and runs that script with the app's Node. After every change below src/ it builds
 * again. If the build succeeds, the app is restarted; if not, the reason is reported and the old app keeps running.
 * @returns the exit status: with --once that of the app, otherwise 0 after ^C
 * @throws Failure no-target, which-target, unknown-target, sudo-missing, app-not-started; and what a build throws
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
  // A change may also change the plan, for example by a new header or a new program.
  return await runAgain(root, command, async () => build(await prepare(root, assignments), wanted));
}

/**
 * Runs a command until ^C. It is restarted whenever something below src/ has changed and `rebuild` has succeeded.
 * @throws Failure sudo-missing, app-not-started
 */
async function runAgain(
  root: string,
  command: readonly string[],
  rebuild: () => Promise<void>,
): Promise<number> {
  let fail: (reason: unknown) => void = () => {};
  const failed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const begin = () => {
    const begun = startApp(root, command);
    begun.ended.catch(fail);
    return begun;
  };
  let app = begin();
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
    app = begin();
  };
  const watcher = watch(join(root, "src"), { recursive: true }, () => {
    clearTimeout(settled);
    settled = setTimeout(() => {
      working = working.then(again).catch(fail);
    }, SETTLE);
  });
  const asked = new Promise((end) => process.once("SIGINT", end).once("SIGTERM", end));
  try {
    await Promise.race([asked, failed]);
  } finally {
    clearTimeout(settled);
    watcher.close();
    await working;
  }
  await stop(app);
  return 0;
}

/** Asks an app to end, as ^C does, and waits until it has ended. */
async function stop(app: AppProcess): Promise<void> {
  app.signal("SIGINT");
  await app.ended;
}
