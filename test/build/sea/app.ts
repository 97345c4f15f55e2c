import { stripTypeScriptTypes } from "node:module";
import { getAsset } from "node:sea";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { AddonError, loadAddon } from "../../../toolchain/src/runtime/addon.ts";
import { unnamed } from "./unnamed.ts";

/** The program inside the executables of sea.test.ts. SEA_TEST says what it shall do; it prints one line of JSON. */

interface Loaded {
  readonly name: string;
  readonly loads: number;
}

const load = (name: string) => loadAddon(name, import.meta.url) as Loaded;

/** Loads addons in a worker that ends afterwards. */
async function inWorker(names: readonly string[]): Promise<Loaded[]> {
  const worker = new Worker(getAsset("app.cjs", "utf8"), {
    eval: true,
    workerData: names,
  });
  const ended = new Promise((done) => worker.once("exit", done));
  const result = await new Promise<Loaded[]>((done, fail) =>
    worker.once("message", done).once("error", fail),
  );
  await ended;
  return result;
}

function messageOf(work: () => unknown): string {
  try {
    return `done: ${work()}`;
  } catch (error) {
    return (error as Error).message;
  }
}

const MODES: Readonly<Record<string, () => unknown>> = {
  arguments: () => ({
    args: process.argv.slice(2),
    execArgv: process.execArgv,
    version: process.version,
    arch: process.arch,
  }),
  load: () => ({
    one: load("one").name,
    two: load("two").name,
    again: load("one").loads,
    unnamed: unnamed(),
  }),
  parts: () => ({
    months: ["de-CH", "en", "fr"].map((locale) =>
      new Date(0).toLocaleDateString(locale, { month: "long", timeZone: "UTC" }),
    ),
    locales: Intl.DateTimeFormat.supportedLocalesOf(["de", "fr", "en-GB"]),
    host: new URL("http://b\u00fccher.example").host,
    compiler: messageOf(() => stripTypeScriptTypes("const a: number = 1")),
  }),
  missing: () => load("three"),
  stack: () => new Error("here").stack,
  workers: async () => ({
    first: await inWorker(["one"]),
    second: await inWorker(["two"]),
    main: [load("two"), load("one")],
    after: await inWorker(["one", "two"]),
    together: await Promise.all([inWorker(["two", "one"]), inWorker(["one", "two"])]),
    unnamed: unnamed(),
  }),
};

async function main(): Promise<unknown> {
  try {
    return await MODES[process.env.SEA_TEST ?? "arguments"]?.();
  } catch (error) {
    if (!(error instanceof AddonError)) throw error;
    process.exitCode = 1;
    return {
      code: error.code,
      message: error.message,
      attempts: error.attempts,
    };
  }
}

if (isMainThread) main().then((result) => console.log(JSON.stringify(result)));
else parentPort?.postMessage((workerData as string[]).map((name) => ({ ...load(name) })));
