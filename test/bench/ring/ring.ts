// The app whose executable is measured: ring CASE RIVALS. For every line that it reads, it runs the case once and
// prints what came out, as JSON: things a second. RIVALS is rivals.cc, compiled.
import { createInterface } from "node:readline";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { ring } from "../.output/ring.skel.ts";

type Figures = Record<string, number>;

interface Rivals {
  c(fd: number): Timed;
  naive(fd: number, callback: (event: ArrayBuffer) => void): Timed;
  lookups(fd: number, keys: number, count: number): Timed;
}
interface Timed {
  readonly seconds: number;
  /** The sum over all events of pid and duration. For a full ring it is known. */
  readonly sum: number;
}

const [name = "", path = "", limit = ""] = process.argv.slice(2);
const rivals = { exports: {} as Rivals };
process.dlopen(rivals, path);

using skel = ring.openAndLoad();
const { rb, table } = skel.maps;

/** How many records of 56 bytes a ring of 64 MiB holds. */
const EVENTS = Math.floor(((64 << 20) - 1) / 56);
/** The sum over a full ring: a record's pid is its number, and its duration is twice its number. */
const SUM = (3 * EVENTS * (EVENTS - 1)) / 2;
const KEYS = 10_000;
const LOOKUPS = 200_000;
const READS = 20_000_000;

/** Keeps what the cases compute, so that V8 does not leave the computation out. */
const kept: { value: unknown } = { value: undefined };

/** Seconds of processor time so far. */
function seconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

function fill(): number {
  const before = skel.bss.produced;
  const begun = seconds();
  skel.progs.produce.testRun({ ctxIn: new Uint8Array(Uint32Array.of(EVENTS).buffer) });
  const taken = seconds() - begun;
  if (skel.bss.produced - before !== BigInt(EVENTS))
    throw new Error("the ring was not empty, or is not full");
  return taken;
}

/** Drains a full ring by `body`, which returns the sum over all events. */
async function drained(figure: string, body: () => number | Promise<number>): Promise<Figures> {
  const produce = EVENTS / fill();
  const begun = seconds();
  const sum = await body();
  return { [figure]: EVENTS / checked(sum, seconds() - begun), produce };
}

async function rival(figure: string, body: () => Timed): Promise<Figures> {
  const produce = EVENTS / fill();
  const taken = body();
  return { [figure]: EVENTS / checked(taken.sum, taken.seconds), produce };
}

function checked(sum: number, taken: number): number {
  if (sum !== SUM) throw new Error(`${name}: the events add up to ${sum} instead of ${SUM}`);
  return taken;
}

async function consume(callback: Parameters<typeof rb.consume>[0]): Promise<void> {
  const controller = new AbortController();
  const over = rb.consume(callback, { signal: controller.signal });
  while (rb.available > 0) await turn();
  controller.abort();
  await over;
}

/**
 * The sums are fields, because V8 allocates memory each time that a closure assigns a number of more than 31 bits to
 * a variable.
 */
async function view(): Promise<number> {
  const sums = { sum: 0 };
  await consume((event) => {
    sums.sum += event.pid + event.duration$number;
  });
  return sums.sum;
}

async function viewBigint(): Promise<number> {
  const sums = { sum: 0, bigints: 0n };
  await consume((event) => {
    sums.sum += event.pid;
    sums.bigints += event.duration;
  });
  return sums.sum + Number(sums.bigints);
}

function drain(): number {
  const sums = { sum: 0 };
  rb.drain((event) => {
    sums.sum += event.pid + event.duration$number;
  });
  return sums.sum;
}

async function object(): Promise<number> {
  let pids = 0;
  let count = 0;
  for await (const batch of rb.batches()) {
    kept.value = batch;
    for (const event of batch) pids += event.pid;
    count += batch.length;
    if (count >= EVENTS) break;
  }
  return 3 * pids;
}

async function iterate(): Promise<number> {
  let pids = 0;
  let count = 0;
  for await (const event of rb) {
    kept.value = event;
    pids += event.pid;
    if (++count === EVENTS) break;
  }
  return 3 * pids;
}

function speed(count: number, body: () => unknown): number {
  const begun = seconds();
  kept.value = body();
  return count / (seconds() - begun);
}

/** Reads a u32, a u64 as a number, and a u64 as a bigint. */
function bss(): Figures {
  const read = speed(READS, () => {
    let sum = 0;
    for (let i = 0; i < READS; i++) sum += skel.bss.fills;
    return sum;
  });
  const number = speed(READS, () => {
    let sum = 0;
    for (let i = 0; i < READS; i++) sum += skel.bss.produced$number;
    return sum;
  });
  const bigint = speed(READS, () => {
    let last = 0n;
    for (let i = 0; i < READS; i++) last = skel.bss.produced;
    return last;
  });
  return { bss: read, bss_number: number, bss_bigint: bigint };
}

const keys = Array.from({ length: KEYS }, (_, i) => BigInt(i));

function hash(): Figures {
  table.updateBatch(keys.map((key) => [key, key] as const));
  const js = speed(LOOKUPS, () => {
    let last: bigint | undefined;
    for (let i = 0; i < LOOKUPS; i++) last = table.get(keys[i % KEYS]!);
    return last;
  });
  return { hash_js: js, hash_c: LOOKUPS / rivals.exports.lookups(table.fd, KEYS, LOOKUPS).seconds };
}

/**
 * Memory before and after `limit` events, a third each in place, in batches and one by one. What is live after a
 * collection tells a leak; resident memory also grows until V8's new space has the size that suits it, which takes it
 * some 6 · 10⁷ objects.
 */
async function memory(): Promise<Figures> {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as () => void;
  const ways = [view, object, iterate];
  const now = () => {
    const rss = process.memoryUsage.rss() / 1e6;
    collect();
    const { heapUsed, external } = process.memoryUsage();
    return { rss, live: (heapUsed + external) / 1e6 };
  };
  // The first rounds load and compile code.
  let start = { rss: 0, live: 0 };
  let events = 0;
  for (let round = 0; events < Number(limit); round++) {
    fill();
    checked(await ways[round % ways.length]!(), 0);
    if (round === 2 * ways.length) start = now();
    else if (round > 2 * ways.length) events += EVENTS;
  }
  const end = now();
  return {
    memory_events: events,
    rss_start_mb: start.rss,
    rss_end_mb: end.rss,
    live_start_mb: start.live,
    live_end_mb: end.live,
  };
}

function naive(): Timed {
  const sums = { sum: 0 };
  const taken = rivals.exports.naive(rb.fd, (buffer) => {
    const event = new Uint32Array(buffer);
    sums.sum += event[4]! + event[2]! + event[3]! * 2 ** 32;
  });
  return { ...taken, sum: sums.sum };
}

const CASES: Record<string, () => Figures | Promise<Figures>> = {
  c: () => rival("c", () => rivals.exports.c(rb.fd)),
  naive: () => rival("naive", naive),
  view: () => drained("view", view),
  view_bigint: () => drained("view_bigint", viewBigint),
  drain: () => drained("drain", drain),
  object: () => drained("object", object),
  iterate: () => drained("iterate", iterate),
  bss,
  hash,
  memory,
};

for await (const _ of createInterface({ input: process.stdin }))
  console.log(JSON.stringify(await CASES[name]!()));
