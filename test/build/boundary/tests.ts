import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { fileURLToPath } from "node:url";
import { buildPrograms, type Variant, writeModule } from "../runtime/make.ts";
import type { Job, Part } from "./job.ts";
import { assertNoTable } from "./tables.ts";

/** One for each kind of map and way to attach, and one that the verifier refuses. */
const PROGRAMS = ["lifecycle", "events", "maps", "attach", "congestion", "refused", "arena"];

const TITLES: Readonly<Record<Exclude<Part, "abandoned">, string>> = {
  before: "what is called before anything is open gives a typed error",
  states: "every public member, twice, in every state: a value or a typed error, and no descriptor is left",
  sequences: "any calls in any order, also with arguments of wrong types, never end the process",
  worker: "the same in a worker; one that ends with everything open leaves the rest intact",
  handover: "descriptors and links that go from one process to another, with arguments right and wrong",
};

interface Options {
  readonly variant: Variant;
  /** The programs whose states a worker goes through. */
  readonly inWorker?: readonly string[];
  /** How many sequences. */
  readonly runs: number;
  /** For the process that makes the calls. */
  readonly env?: NodeJS.ProcessEnv;
}

/** The tests of the border between JavaScript and the addon, each in a process of its own. */
export function testBoundary({ variant, runs, inWorker = PROGRAMS, env = {} }: Options): void {
  const folder = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  const pins = join(folder, "pins");
  const modules: ReturnType<typeof writeModule>[] = [];
  before(async () => {
    mkdirSync(pins);
    execFileSync("mount", ["-t", "bpf", "bpf", pins]);
    const app = await buildPrograms(variant);
    for (const name of PROGRAMS) modules.push(writeModule(app, name));
  });
  after(() => {
    execFileSync("umount", [pins]);
    rmSync(folder, { recursive: true });
    for (const module of modules) module[Symbol.dispose]();
  });

  for (const part of Object.keys(TITLES) as (keyof typeof TITLES)[])
    test(TITLES[part], { timeout: 900_000 }, async (t) => {
      const seed = Number(process.env.SEED ?? 1);
      const programs = part === "worker" ? inWorker : PROGRAMS;
      const urls = Object.fromEntries(programs.map((name) => [name, modules[PROGRAMS.indexOf(name)]!.url]));
      const log = join(folder, `${part}.log`);
      const job = { part, modules: urls, folder, log, pins, runs, seed };
      const { status, signal, output } = await drive(job, env, t.signal);
      const calls = readFileSync(log, "utf8").trimEnd().split("\n");
      const last = [`SEED=${seed}, its last calls:`, ...calls.slice(-20), output].join("\n");
      assert.deepEqual({ status, signal }, { status: 0, signal: null }, last);
      assertNoTable();
      t.diagnostic(`${JSON.parse(calls.at(-1)!).calls} calls`);
    });
}

interface Driven {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

function drive(job: Job, env: NodeJS.ProcessEnv, end: AbortSignal): Promise<Driven> {
  const script = fileURLToPath(new URL("drive.ts", import.meta.url));
  // In a network namespace of its own: programs that are attached to "lo" must not see the machine's traffic.
  const command = ["--net", "--", process.execPath, "--expose-gc", script, JSON.stringify(job)];
  const child = spawn("unshare", command, {
    stdio: ["ignore", "pipe", "pipe"],
    signal: end,
    killSignal: "SIGKILL",
    env: { ...process.env, NODE_TEST_CONTEXT: undefined, ...env },
  });
  let output = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      output = (output + text).slice(-100_000);
    });
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status, signal) => resolve({ status, signal, output }));
  });
}
