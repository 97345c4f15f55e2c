// Calls everything that an app can call, in every state of a skeleton, and says so line by line: node drive.ts JOB.
// What is called gives a value or a typed error; else this process ends with an error, or by a signal.
import { join } from "node:path";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
import * as runtime from "../../../toolchain/src/runtime/index.ts";
import { handover } from "./handover.ts";
import { job, type Part, say, settle } from "./job.ts";
import { argumentsOf, expected, members, Scene, tally } from "./scene.ts";
import { runSequences } from "./sequences.ts";
import { classOf, reach, sweepState, sweepStates } from "./states.ts";
import { declaredBy } from "./things.ts";

const { BpfMap, Link, Program } = runtime;

/** What can be called before any skeleton is opened. */
async function before(): Promise<void> {
  const signal = AbortSignal.timeout(10);
  const early: Readonly<Record<string, () => unknown>> = {
    openPinned: () => runtime.openPinned(join(job.pins, "none")),
    "Link.openPinned": () => Link.openPinned(join(job.pins, "none")),
    "probe.mapType": () => runtime.probe.mapType("hash"),
    "probe.progType": () => runtime.probe.progType("xdp"),
    "probe.helper": () => runtime.probe.helper(1, "xdp"),
    "probe.fentry": () => runtime.probe.fentry(),
    "probe.kprobes": () => runtime.probe.kprobes(),
    "probe.tracepoint": () => runtime.probe.tracepoint("none", "none"),
    kernelFunction: () => runtime.kernelFunction("no_such_function"),
    "Ksyms.load": () => runtime.Ksyms.load(),
    tracePipe: () => runtime.tracePipe({ signal }).next(),
  };
  for (const [name, call] of Object.entries(early)) {
    say(`before ${name}`);
    tally.calls++;
    try {
      await call();
    } catch (error) {
      if (!expected(error)) throw new Error(`before open ${name} threw`, { cause: error });
    }
  }
}

/** The same from another thread; and a thread that ends in the midst of it. */
async function inWorkers(): Promise<void> {
  for (const part of ["states", "abandoned", "abandoned"] as const) {
    const worker = new Worker(new URL(import.meta.url), { workerData: { ...job, part } });
    await new Promise<void>((resolve, reject) => {
      worker.once("error", reject).once("exit", () => resolve());
      worker.on("message", (message: { calls: number } | "ready") => {
        if (message === "ready") void worker.terminate();
        else tally.calls += message.calls;
      });
    });
  }
  // This thread can still open and close what the other one had.
  await sweepState("after the worker", (await classOf("lifecycle")).open(), "attached");
}

async function abandon(): Promise<void> {
  for (const name of Object.keys(job.modules)) {
    const scene = new Scene(`${name} abandoned`, (await classOf(name)).open());
    reach(scene.skel, "attached");
    for (const thing of [...scene.things])
      for (const member of members(thing))
        if (!member.ends)
          for (const list of argumentsOf(member, scene.own(thing))) scene.call(thing, member, list);
  }
  parentPort?.postMessage("ready");
  await new Promise(() => setInterval(() => {}, 1000));
}

/** Every public member of every class that an app can name. */
function declared(): string[] {
  return Object.values(runtime)
    .filter((value) => typeof value === "function" && /^class\b/.test(String(value)))
    .map((Class) => (Class as unknown as { prototype: object }).prototype)
    .filter(
      (prototype) =>
        prototype instanceof BpfMap || [BpfMap, Link, Program].some((C) => C.prototype === prototype),
    )
    .flatMap((prototype) => declaredBy(prototype).map(({ id }) => id));
}

const PARTS: Readonly<Record<Part, () => Promise<void>>> = {
  before,
  states: sweepStates,
  sequences: runSequences,
  worker: inWorkers,
  handover,
  abandoned: abandon,
};
await PARTS[job.part]();
await settle();
const missed = job.part === "states" && isMainThread ? declared().filter((id) => !tally.covered.has(id)) : [];
if (missed.length > 0) throw new Error(`never called: ${missed.join(", ")}`);
if (isMainThread) say(JSON.stringify({ calls: tally.calls }));
else parentPort?.postMessage({ calls: tally.calls });
