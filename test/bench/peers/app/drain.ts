// Fills a ring and reads it: drain WAY, which is one of WAYS below.
import { setImmediate as turn } from "node:timers/promises";
import { drain } from "../.output/drain.skel.ts";
import { answer, used } from "./case.ts";

const [way = ""] = process.argv.slice(2);
using skel = drain.openAndLoad();
const { rb } = skel.maps;

/** How many records of 56 bytes a ring of 64 MiB holds. */
const EVENTS = Math.floor(((64 << 20) - 1) / 56);

/** Keeps what was read, so that V8 does not leave the reading out. */
const kept: { value: unknown } = { value: undefined };

/**
 * The sums are fields, because V8 allocates memory each time that a closure assigns a number of more than 31 bits to
 * a variable.
 */
async function consume(): Promise<number> {
  const sums = { sum: 0 };
  const controller = new AbortController();
  const over = rb.consume(
    (event) => {
      sums.sum += event.pid + event.duration$number;
    },
    { signal: controller.signal },
  );
  while (rb.available > 0) await turn();
  controller.abort();
  await over;
  return sums.sum;
}

function inPlace(): number {
  const sums = { sum: 0 };
  rb.drain((event) => {
    sums.sum += event.pid + event.duration$number;
  });
  return sums.sum;
}

/** Adds up the u32 alone, whose double is the u64: arithmetic with bigints would be measured, and not the reading. */
async function batches(): Promise<number> {
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

const WAYS: Readonly<Record<string, () => number | Promise<number>>> = {
  drain: inPlace,
  consume,
  batches,
  iterate,
};

await answer(async () => {
  skel.progs.produce.testRun({ ctxIn: new Uint8Array(Uint32Array.of(EVENTS).buffer) });
  const begun = used();
  const sum = await WAYS[way]!();
  return { [way]: used() - begun, count: EVENTS, sum };
});
