// Calls everything that an app can call, in every state of a skeleton, and says so line by line: node drive.ts JOB.
// What is called gives a value or a typed error; else this process ends with an error, or by a signal.
import { openSync, readdirSync, writeSync } from "node:fs";
import { join } from "node:path";
import { inspect } from "node:util";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import fc from "fast-check";
import * as runtime from "../../../toolchain/src/runtime/index.ts";
import { CALLS, type Own } from "./calls.ts";
import { elementOf } from "./elements.ts";
import { declaredBy, type Member, membersOf, type Thing } from "./things.ts";

const { BpfError, BpfMap, Link, Program } = runtime;

export type Part = "before" | "states" | "sequences" | "worker" | "abandoned";

export interface Job {
  readonly part: Part;
  /** Each program's generated module. */
  readonly modules: Readonly<Record<string, string>>;
  readonly folder: string;
  /** The file that is written to. */
  readonly log: string;
  /** A BPF file system. */
  readonly pins: string;
  /** For sequences: how many, and where the random numbers begin. */
  readonly runs: number;
  readonly seed: number;
}

type State = "open" | "loaded" | "attached" | "detached" | "failed" | "destroyed";
const STATES: readonly State[] = ["open", "loaded", "attached", "detached", "failed", "destroyed"];

interface Skel extends runtime.Skeleton {
  readonly maps: Readonly<Record<string, runtime.BpfMap>>;
  readonly progs: Readonly<Record<string, runtime.Program>>;
  readonly links: Readonly<Record<string, runtime.Link | undefined>>;
}

const job: Job = isMainThread ? JSON.parse(process.argv[2] as string) : workerData;
const log = openSync(job.log, "a");
const covered = new Set<string>();
let calls = 0;
let paths = 0;

/** What was not written by this project's runtime, but by the engine about it. */
const ENGINE =
  /undefined|null|is not (?:a function|iterable|a constructor)|^Cannot (?:read|convert|mix|set|access)/;

function expected(error: unknown): boolean {
  if (error instanceof BpfError) return error.code !== "" && error.what !== "";
  if (error instanceof RangeError || error instanceof TypeError) return !ENGINE.test(error.message);
  // Node's own, of a path that is not there.
  return error instanceof Error && "syscall" in error && "code" in error;
}

/** Says it before it is done: the last line names what ended the process. */
function say(line: string): void {
  writeSync(log, `${line}\n`);
}

const KEPT = 3;

/** One skeleton and what has come out of it. */
class Scene {
  readonly things: Thing[] = [];
  readonly #waiting: Promise<unknown>[] = [];
  readonly #kept = new Map<string, number>();
  readonly #end = new AbortController();
  readonly skel: Skel;
  readonly #label: string;

  constructor(label: string, skel: Skel) {
    this.#label = label;
    this.skel = skel;
    for (const room of ["maps", "progs", "links"] as const)
      for (const [name, object] of Object.entries(skel[room]))
        if (object) this.things.push({ name: `${room}.${name}`, object });
    for (const [name, value] of Object.entries(skel))
      if (typeof value === "object" && value !== null && "$m" in value)
        this.things.push({ name, object: value });
  }

  own(thing: Thing): Own {
    const none = { key: undefined, value: undefined };
    return {
      ...(thing.object instanceof BpfMap ? elementOf(thing.object) : none),
      program: Object.values(this.skel.progs)[0]!,
      map: Object.values(this.skel.maps)[0] ?? { fd: -1 },
      path: join(job.folder, "pin"),
      pinPath: join(job.pins, `pin${paths++}`),
      signal: this.#end.signal,
    };
  }

  /** Every member of the thing, each twice. */
  sweep(thing: Thing): void {
    for (const member of members(thing))
      for (const list of argumentsOf(member, this.own(thing)))
        for (let time = 0; time < 2; time++) this.call(thing, member, list);
  }

  /** Whatever its arguments, what is thrown is at least an error. */
  call(thing: Thing, member: Member, list: readonly unknown[], wild = false): void {
    calls++;
    covered.add(member.id);
    const name = `${this.#label} ${thing.name} ${String(member.key)}`;
    say(
      `${name}${member.kind === "method" ? inspect(list, { breakLength: Number.POSITIVE_INFINITY, depth: 1 }) : ""}`,
    );
    try {
      const target = thing.object as Record<string | symbol, unknown>;
      if (member.kind === "getter") void target[member.key];
      else this.#digest(name, (target[member.key] as (...list: unknown[]) => unknown)(...list), wild);
    } catch (error) {
      this.#judge(name, error, wild);
    }
  }

  #judge(name: string, error: unknown, wild = false): void {
    if (wild ? !(error instanceof Error) : !expected(error))
      throw new Error(`${name} threw`, { cause: error });
  }

  #digest(name: string, result: unknown, wild: boolean): void {
    if (Array.isArray(result)) for (const one of result.slice(0, 3)) this.#digest(name, one, wild);
    if (typeof result !== "object" || result === null) return;
    if (result instanceof Promise) this.#await(name, result, wild);
    else if (result instanceof BpfMap || result instanceof Link || "destroy" in result)
      this.#keep(name, result);
    else if (Symbol.iterator in result) this.#pull(name, result as Iterable<unknown>, wild);
    else if (Symbol.asyncIterator in result) {
      const iterator = (result as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      this.#await(name, iterator.next(), wild);
    }
  }

  #keep(name: string, object: object): void {
    if (this.things.some((thing) => thing.object === object)) return;
    // Every program can be attached in the same ways; what comes of each way is looked at a few times.
    const way = `${object.constructor.name} of ${name.split(" ").at(-1)}`;
    const kept = (this.#kept.get(way) ?? 0) + 1;
    this.#kept.set(way, kept);
    if (kept <= KEPT) this.things.push({ name: `(${name})`, object });
    else if ("destroy" in object) (object as { destroy(): void }).destroy();
    else (object as runtime.BpfMap).close();
  }

  #pull(name: string, values: Iterable<unknown>, wild: boolean): void {
    if (ArrayBuffer.isView(values)) return;
    let count = 0;
    try {
      for (const _ of values) if (++count === 3) break;
    } catch (error) {
      this.#judge(name, error, wild);
    }
  }

  #await(name: string, promise: Promise<unknown>, wild: boolean): void {
    this.#waiting.push(promise.catch((error: unknown) => this.#judge(name, error, wild)));
  }

  /** Destroys the skeleton and sees that nothing waits for ever. */
  async end(): Promise<void> {
    this.skel.destroy();
    this.skel.destroy();
    // Inner maps and what was pinned belong to whoever asked for them.
    for (const { object } of this.things) if (object instanceof BpfMap) object.close();
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(resolve, 10_000, "late");
    });
    const all = Promise.all(this.#waiting).then(() => "over");
    if ((await Promise.race([all, late])) === "late")
      throw new Error(`${this.#label}: something waits for ever`);
    clearTimeout(timer);
    this.#end.abort();
  }
}

/** Sections are swept through their own getters; everything else through what its classes declare. */
function members(thing: Thing): Member[] {
  if (!("$m" in thing.object)) return membersOf(thing.object);
  const prototype = Object.getPrototypeOf(thing.object) as object;
  return Object.entries(Object.getOwnPropertyDescriptors(prototype)).flatMap(([key, { get }]): Member[] =>
    get ? [{ id: "section", kind: "getter", key, ends: false }] : [],
  );
}

function argumentsOf(member: Member, own: Own): readonly (readonly unknown[])[] {
  if (member.kind !== "method") return [[]];
  const [Class, name] = member.id.split(".") as [string, string];
  if (typeof member.key === "symbol") return [[]];
  return CALLS[Class]![name]!(own);
}

async function classOf(name: string): Promise<runtime.SkeletonClass<Skel>> {
  return ((await import(job.modules[name]!)) as Record<string, runtime.SkeletonClass<Skel>>)[name]!;
}

/** Something that does not exist, so that load is refused. */
function refuse(skel: Skel): void {
  const program = Object.values(skel.progs)[0]!;
  program.setType(1);
  program.setExpectedAttachType(40);
  for (const map of Object.values(skel.maps)) map.setFlags(0xffff_ffff);
}

function reach(skel: Skel, state: State): void {
  if (state === "failed") refuse(skel);
  if (state === "open") return;
  let refused = false;
  try {
    skel.load();
    if (state === "attached" || state === "detached" || state === "destroyed") skel.attach();
  } catch (error) {
    if (!expected(error)) throw error;
    refused = true;
  }
  if (state === "failed" && !refused) throw new Error("what was to be refused was loaded");
  if (state === "detached") skel.detach();
}

async function sweepStates(): Promise<void> {
  for (const name of Object.keys(job.modules)) {
    const Class = await classOf(name);
    for (const state of STATES) {
      const before = openDescriptors();
      await sweepState(`${name} ${state}`, Class.open(), state);
      await settle();
      const left = openDescriptors() - before;
      if (left > 0) throw new Error(`${name} ${state}: ${left} descriptors are left open`);
    }
  }
}

async function sweepState(label: string, skel: Skel, state: State): Promise<void> {
  reach(skel, state);
  const scene = new Scene(label, skel);
  if (state === "destroyed") {
    // What a living skeleton gives, used after its end.
    for (const thing of [...scene.things])
      for (const member of members(thing))
        if (
          !member.ends &&
          /^(?:attach|create|events|read)$|^attach(?:Trace|Iter|SocketFilter|Tcx|Xdp)/.test(
            String(member.key),
          )
        )
          for (const list of argumentsOf(member, scene.own(thing))) scene.call(thing, member, list);
    skel.destroy();
  }
  // What comes out of the calls is swept too, and in the end the skeleton itself.
  for (let i = 0; i < scene.things.length; i++) scene.sweep(scene.things[i]!);
  scene.sweep({ name: "skeleton", object: skel });
  await scene.end();
}

/** Values that no type allows somewhere. */
const WILD = [
  undefined,
  null,
  true,
  -1,
  0,
  1,
  3,
  Number.NaN,
  2 ** 53,
  -(2n ** 63n),
  1n,
  "",
  "lo",
  "\u0000",
  "x".repeat(5000),
  [],
  {},
  { fd: 0 },
  { binary: 5, symbols: [null, {}], offsets: ["x"] },
  { signal: 1 },
  { dataIn: [1], ctxIn: new Float64Array(3), repeat: -1 },
  new Uint8Array(3),
  () => {},
  Symbol.iterator,
];
/** Of these the kernel would take any amount of memory. */
const SIZES = /^set(?:MaxEntries|ValueSize|KeySize|Pages)$/;

type Step =
  | { readonly kind: "load" | "attach" | "detach" | "destroy" | "collect" }
  | {
      readonly kind: "call";
      readonly thing: number;
      readonly member: number;
      readonly list: number;
      readonly wild: readonly number[];
    };

const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("load", "attach", "detach", "collect") }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom("load", "attach", "destroy") }) },
  {
    weight: 20,
    arbitrary: fc.record({
      kind: fc.constant("call" as const),
      thing: fc.nat(),
      member: fc.nat(),
      list: fc.nat(),
      wild: fc.oneof(
        fc.constant([]),
        fc.array(fc.nat({ max: WILD.length - 1 }), { minLength: 1, maxLength: 3 }),
      ),
    }),
  },
);

async function runSequences(): Promise<void> {
  const classes = await Promise.all(Object.keys(job.modules).map(classOf));
  const sequence = fc.tuple(
    fc.nat({ max: classes.length - 1 }),
    fc.array(STEP, { maxLength: 60, size: "max" }),
  );
  await fc.assert(
    fc.asyncProperty(sequence, async ([which, steps]) => {
      const Class = classes[which]!;
      const scene = new Scene(Class.name, Class.open());
      for (const step of steps) perform(scene, step);
      await scene.end();
    }),
    { numRuns: job.runs, seed: job.seed, endOnFailure: true },
  );
}

function perform(scene: Scene, step: Step): void {
  if (step.kind === "collect") collect();
  else if (step.kind !== "call") {
    const member = membersOf(scene.skel).find(({ key }) => key === step.kind)!;
    scene.call({ name: "skeleton", object: scene.skel }, member, []);
  } else {
    const thing = scene.things[step.thing % scene.things.length];
    const known = thing ? members(thing) : [];
    const member = known[step.member % known.length];
    if (!thing || !member) return;
    const lists = argumentsOf(member, scene.own(thing));
    const wild = step.wild.length > 0 && !SIZES.test(String(member.key));
    const list = wild ? step.wild.map((index) => WILD[index]) : lists[step.list % lists.length]!;
    scene.call(thing, member, list, wild);
  }
}

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
    calls++;
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
      worker.on("message", (message: { covered?: string[]; calls: number } | "ready") => {
        if (message === "ready") void worker.terminate();
        else calls += message.calls;
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

function collect(): void {
  (globalThis as { gc?: () => void }).gc?.();
}

/** Lets what was closed be closed: the loop's handles, and what the collector frees. */
async function settle(): Promise<void> {
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setImmediate(resolve));
    collect();
  }
}

function openDescriptors(): number {
  return readdirSync("/proc/self/fd").length;
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
  abandoned: abandon,
};
await PARTS[job.part]();
await settle();
const missed = job.part === "states" && isMainThread ? declared().filter((id) => !covered.has(id)) : [];
if (missed.length > 0) throw new Error(`never called: ${missed.join(", ")}`);
if (isMainThread) say(JSON.stringify({ calls }));
else parentPort?.postMessage({ calls });
