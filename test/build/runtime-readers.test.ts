// What several readers of one map of events see.
import assert from "node:assert/strict";
import { after, afterEach, before, beforeEach, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type { PerfEventArray, RingBuffer } from "../../toolchain/src/runtime/index.ts";
import {
  type Event,
  EventScene,
  type Events,
  type EventView,
  produce as produceInto,
} from "./runtime/events.ts";

let scene: EventScene;
let skel: Events;
before(async () => {
  scene = await EventScene.start();
});
after(() => scene?.[Symbol.asyncDispose]());
beforeEach(() => {
  skel = scene.load();
});
afterEach(() => skel.destroy());

const produce = (count: number) => produceInto(skel, count);

/** Settles as `reading` does; a reader that never ends fails the test instead of hanging it. */
async function ends<T>(reading: Promise<T>): Promise<T> {
  const late = new AbortController();
  const timeout = new Promise<never>((_, reject) => {
    const timer = setTimeout(() => reject(new Error("the reader did not end")), 5000);
    late.signal.addEventListener("abort", () => clearTimeout(timer));
  });
  try {
    return await Promise.race([reading, timeout]);
  } finally {
    late.abort();
  }
}

interface Reader {
  readonly seen: bigint[];
  readonly controller: AbortController;
  readonly done: Promise<void>;
}

type Map = RingBuffer<Event, EventView> | PerfEventArray<Event, EventView>;

/** Each way to read a map of events. */
const WAYS: Readonly<Record<string, (map: Map, signal: AbortSignal, seen: bigint[]) => Promise<void>>> = {
  async events(map, signal, seen) {
    for await (const { sequence } of map.events({ signal })) seen.push(sequence);
  },
  async batches(map, signal, seen) {
    for await (const batch of map.batches({ signal })) for (const { sequence } of batch) seen.push(sequence);
  },
  async consume(map, signal, seen) {
    await map.consume(({ sequence }) => seen.push(sequence), { signal });
  },
};

function read(way: string, map: Map = skel.maps.rb): Reader {
  const seen: bigint[] = [];
  const controller = new AbortController();
  return { seen, controller, done: WAYS[way]!(map, controller.signal, seen) };
}

const sorted = (readers: readonly Reader[]) =>
  readers.flatMap(({ seen }) => seen).sort((a, b) => Number(a - b));
const upTo = (count: number) => Array.from({ length: count }, (_, i) => BigInt(i));

for (const first of Object.keys(WAYS))
  for (const second of Object.keys(WAYS))
    test(`${first} and ${second}: every event to exactly one, and the end of one is not that of the other`, async () => {
      const readers = [read(first), read(second)];
      for (let i = 0; i < 10; i++) {
        await wait(1);
        produce(20);
      }
      await wait(20);
      assert.deepEqual(sorted(readers), upTo(200));
      readers[0]!.controller.abort();
      await ends(readers[0]!.done);
      produce(5);
      await wait(20);
      assert.deepEqual(sorted(readers), upTo(205));
      assert.deepEqual(readers[1]!.seen.slice(-5), [200n, 201n, 202n, 203n, 204n]);
      readers[1]!.controller.abort();
      await ends(readers[1]!.done);
    });

test("two iterations by turns: each gets its share", async () => {
  const readers = [read("events"), read("events")];
  for (let i = 0; i < 100; i++) {
    produce(2);
    await wait(0);
  }
  await wait(20);
  for (const { controller } of readers) controller.abort();
  for (const { done } of readers) await ends(done);
  assert.deepEqual(sorted(readers), upTo(200));
  for (const { seen } of readers) assert.ok(seen.length >= 50, `${seen.length} of 200 events`);
});

test("the last of many to wait ends first, and the rest get the events", async () => {
  const readers = Array.from({ length: 10 }, () => read("events"));
  await wait(10);
  const last = readers.pop()!;
  last.controller.abort();
  await ends(last.done);
  produce(50);
  await wait(20);
  assert.deepEqual(sorted(readers), upTo(50));
  for (const { controller } of readers) controller.abort();
  await ends(Promise.all(readers.map(({ done }) => done)));
});

test("the end of the skeleton ends all of them", async () => {
  const readers = Object.keys(WAYS).flatMap((way) => [read(way), read(way)]);
  await wait(10);
  skel.destroy();
  await ends(Promise.all(readers.map(({ done }) => done)));
});

test("without a signal, too: an iteration that is returned from ends what waits in it", async () => {
  const iteration = skel.maps.rb.events();
  const pending = [iteration.next(), iteration.next()];
  await wait(10);
  await iteration.return?.();
  for (const one of pending) assert.deepEqual(await ends(one), { value: undefined, done: true });
  produce(1);
  const other = await ends(skel.maps.rb.events().next());
  assert.equal(other.value?.sequence, 0n);
});

test("two calls of next at once get two events", async () => {
  const iteration = skel.maps.rb.events();
  const pending = [iteration.next(), iteration.next()];
  await wait(10);
  produce(2);
  const values = await ends(Promise.all(pending));
  assert.deepEqual(
    values.map(({ value }) => value?.sequence),
    [0n, 1n],
  );
  await iteration.return?.();
});

test("perf: two readers share the events", async () => {
  skel.maps.perf.open();
  skel.attach();
  const readers = [read("events", skel.maps.perf), read("consume", skel.maps.perf)];
  await scene.subject.call("getpgid", 200);
  await wait(50);
  assert.deepEqual(sorted(readers), upTo(200));
  for (const { controller } of readers) controller.abort();
  await ends(Promise.all(readers.map(({ done }) => done)));
});

test("perf: what comes while the loop is about to wait is not waited for", async () => {
  skel.maps.perf.open();
  skel.attach();
  const next = skel.maps.perf.events().next();
  // This is long enough for the iteration to ask for a wake-up, and too short for the event loop to pass that on to
  // the kernel.
  for (let i = 0; i < 20; i++) await null;
  const calling = scene.subject.call("getpgid", 3);
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200);
  assert.equal(skel.bss.produced, 3n);
  assert.equal((await ends(next)).value?.sequence, 0n);
  await calling;
});

test("perf: a callback may destroy the skeleton", async () => {
  skel.maps.perf.open();
  skel.attach();
  await scene.subject.call("getpgid", 10);
  let count = 0;
  skel.maps.perf.drain(() => {
    count++;
    skel.destroy();
  });
  assert.equal(count, 1);
});

for (const name of ["rb", "perf"] as const) {
  test(`${name}: what is no signal is refused when it is given, and not at the end`, async () => {
    const options = { signal: 1 as never };
    await assert.rejects(ends(skel.maps[name].consume(() => {}, options)), TypeError);
    await assert.rejects(ends(skel.maps[name].events(options).next()), TypeError);
    skel.destroy();
  });
}
