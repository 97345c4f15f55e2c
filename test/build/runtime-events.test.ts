import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import { Worker } from "node:worker_threads";
import type { EventSource } from "../../toolchain/src/runtime/index.ts";
import { type Event, EventScene, type Events, produce as produceInto } from "./runtime/events.ts";
import { Subject } from "./runtime/make.ts";

let scene: EventScene;
let skel: Events;
before(async () => {
  scene = await EventScene.start();
  skel = scene.load();
  skel.attach();
});
after(async () => {
  skel?.destroy();
  await scene?.[Symbol.asyncDispose]();
});

const produce = (count: number, discard = 0) => produceInto(skel, count, discard);

function check(event: Event): void {
  assert.equal(event.check, (Number(event.sequence & 0xffffffffn) ^ 0xa5a5a5a5) >>> 0);
  assert.equal(event.text, "some text");
}

test("ring: every event comes once and in order, as values and as views", async () => {
  const { rb } = skel.maps;
  const first = skel.bss.produced;
  produce(1000);
  let next = first;
  assert.equal(
    rb.drain((view) => {
      check(view);
      assert.equal(view.sequence, next++);
      assert.equal(view.sequence$number, Number(next - 1n));
    }),
    1000,
  );
  produce(500);
  for await (const event of rb) {
    check(event);
    assert.equal(event.sequence, next++);
    assert.equal(Object.getPrototypeOf(event), Object.prototype);
    if (next === first + 1500n) break;
  }
  assert.equal(rb.available, 0);
});

test("ring: discarded records are passed over", () => {
  produce(900, 3);
  let count = 0;
  skel.maps.rb.drain(() => count++);
  assert.equal(count, 600);
});

test("ring: an iteration waits for events, without keeping the loop busy", async () => {
  const seen: bigint[] = [];
  const controller = new AbortController();
  const reading = (async () => {
    for await (const { sequence } of skel.maps.rb.events({ signal: controller.signal })) seen.push(sequence);
  })();
  await wait(50);
  const before = process.cpuUsage();
  await wait(300);
  const { user, system } = process.cpuUsage(before);
  assert.ok(user + system < 200_000, `${user + system} µs of CPU while waiting`);
  produce(3);
  await wait(100);
  assert.equal(seen.length, 3);
  controller.abort();
  await reading;
});

test("ring: timers run while events never end", async () => {
  const controller = new AbortController();
  let count = 0;
  produce(20_000);
  // On a machine that does other things, too, the first thousand may take longer than the first turn of the timer.
  using _ = setInterval(() => count >= 1000 && controller.abort(), 30);
  for await (const _ of skel.maps.rb.events({ signal: controller.signal })) {
    if (++count % 1000 === 0) produce(1000);
  }
  assert.ok(count >= 1000);
  const second = new AbortController();
  setTimeout(() => second.abort(), 30);
  await skel.maps.rb.consume(
    () => {
      if (++count % 1000 === 0) produce(1000);
    },
    { signal: second.signal },
  );
  skel.maps.rb.drain(() => {});
});

test("ring: consume hands out views until the signal, rejects with what the callback throws", async () => {
  const controller = new AbortController();
  let count = 0;
  const done = skel.maps.rb.consume(
    (view) => {
      check(view);
      if (++count === 300) controller.abort();
    },
    { signal: controller.signal },
  );
  for (let i = 0; i < 30; i++) {
    produce(10);
    await wait(2);
  }
  await done;
  assert.equal(count, 300);
  produce(2);
  const fault = new Error("mine");
  await assert.rejects(
    skel.maps.rb.consume(() => {
      throw fault;
    }),
    fault,
  );
  assert.equal(
    skel.maps.rb.drain(() => {}),
    1,
    "the event that was thrown at is not seen again",
  );
});

test("ring: batches are arrays, at most as long as wanted", async () => {
  produce(2500);
  const sizes: number[] = [];
  for await (const batch of skel.maps.rb.batches({ max: 1000 })) {
    batch.forEach(check);
    sizes.push(batch.length);
    if (sizes.length === 3) break;
  }
  assert.deepEqual(sizes, [1000, 1000, 500]);
});

test("ring: an event cannot be written", () => {
  produce(1);
  assert.throws(
    () =>
      skel.maps.rb.drain((view) => {
        view.kind = 1;
      }),
    /can be read but not written/,
  );
});

test("ring: what did not fit is counted", () => {
  const { rb } = skel.maps;
  const produced = skel.bss.produced;
  const dropped = rb.dropped;
  produce(100_000);
  const received = rb.drain(() => {});
  assert.ok(received < 100_000);
  assert.equal(BigInt(received) + rb.dropped - dropped, skel.bss.produced - produced);
});

test("ring: bytes and numbers", async () => {
  const { raw, numbers } = skel.maps;
  raw.drain(() => {});
  numbers.drain(() => {});
  const first = Number(skel.bss.produced);
  await scene.subject.call("getpgid", 4);
  const lengths: number[] = [];
  raw.drain((bytes) => {
    assert.equal(Buffer.from(bytes).toString(), "abcdefg".slice(0, bytes.length));
    lengths.push(bytes.length);
  });
  assert.deepEqual(
    lengths,
    [0, 1, 2, 3].map((i) => ((first + i) & 3) + 1),
  );
  const values: number[] = [];
  numbers.drain((value) => values.push(value));
  assert.deepEqual(values, [first, first + 1, first + 2, first + 3]);
  await scene.subject.call("getpgid", 1);
  for await (const bytes of raw) {
    assert.ok(bytes instanceof Uint8Array);
    break;
  }
});

test("ring: an event shorter than its type is refused, and the next is read", async () => {
  using other = scene.load();
  other.attach();
  await scene.subject.call("getpgid", 40);
  const seen: bigint[] = [];
  let refused = 0;
  for (let i = 0; i < 100 && other.maps.shorts.available > 0; i++) {
    try {
      if (i % 3 === 0) for await (const { sequence } of other.maps.shorts.events()) seen.push(sequence);
      else other.maps.shorts.drain(({ sequence }) => seen.push(sequence));
    } catch (error) {
      assert.match(String(error), /has 8 bytes, fewer than the 16 that are needed of struct event/);
      refused++;
    }
  }
  assert.equal(refused, 20);
  assert.deepEqual(
    seen,
    Array.from({ length: 20 }, (_, i) => BigInt(2 * i)),
  );
});

test("ring: a callback cannot read on while it reads", () => {
  produce(3);
  assert.throws(() => skel.maps.rb.drain(() => skel.maps.rb.drain(() => {})), /once more/);
  assert.equal(
    skel.maps.rb.drain(() => {}),
    2,
  );
});

test("ring: the end of the skeleton ends every reader", async () => {
  const other = scene.events.openAndLoad();
  const iterating = (async () => {
    for await (const _ of other.maps.rb);
    return "ended";
  })();
  const consuming = other.maps.raw.consume(() => {});
  const inside = other.maps.numbers.batches().next();
  await wait(20);
  other.destroy();
  assert.equal(await iterating, "ended");
  await consuming;
  assert.deepEqual(await inside, { value: undefined, done: true });
  assert.throws(() => other.maps.rb.drain(() => {}), /destroyed/);
});

test("ring: a callback may destroy the skeleton", () => {
  const other = scene.events.openAndLoad();
  produceInto(other, 5);
  let count = 0;
  other.maps.rb.drain(() => {
    count++;
    other.destroy();
  });
  assert.equal(count, 1);
});

test("perf: events of all CPUs, through the same API", async () => {
  const { perf, raw, numbers } = skel.maps;
  perf.open();
  const first = skel.bss.produced;
  await scene.subject.call("getpgid", 1000);
  const seen: bigint[] = [];
  perf.drain((view) => {
    check(view);
    seen.push(view.sequence);
  });
  seen.sort((a, b) => Number(a - b));
  assert.deepEqual(
    seen,
    Array.from({ length: 1000 }, (_, i) => first + BigInt(i)),
  );
  const calling = wait(20).then(() => scene.subject.call("getpgid", 3));
  let count = 0;
  for await (const event of perf) {
    check(event);
    if (++count === 3) break;
  }
  await calling;
  for (const map of [raw, numbers] as EventSource<unknown, unknown>[]) map.drain(() => {});
});

test("perf: lost records are counted", async () => {
  // The subject is kept on one CPU: the kernel reports a loss with the next record of the same CPU, and on another
  // CPU there may be no next record.
  await using pinned = await Subject.start();
  execFileSync("taskset", ["--cpu-list", "--pid", "0", String(pinned.pid)], { stdio: "ignore" });
  using other = scene.load(pinned);
  other.attach();
  other.maps.perf.setPages(1);
  other.maps.perf.open();
  await pinned.call("getpgid", 5000);
  let received = other.maps.perf.drain(() => {});
  assert.ok(received > 0 && received < 5000);
  await pinned.call("getpgid", 1);
  received += other.maps.perf.drain(() => {});
  assert.equal(BigInt(other.maps.perf.lost), other.bss.refused);
  assert.equal(BigInt(received + other.maps.perf.lost), other.bss.produced);
});

test("user ring: records reach the program; a full ring refuses", async () => {
  const { orders } = skel.maps;
  assert.equal(orders.submit({ add: 2, times: 3 }), true);
  assert.equal(
    orders.reserve((order) => {
      order.add = 10;
      order.times = 4;
    }),
    true,
  );
  assert.equal(orders.free, 4096 - 32);
  await scene.subject.call("getppid", 1);
  assert.equal(skel.bss.sum, 46n);
  assert.equal(orders.free, 4096);
  let count = 0;
  while (orders.submit({ add: 1, times: 1 })) count++;
  assert.equal(count, 256);
  await scene.subject.call("getppid", 1);
  assert.equal(skel.bss.sum, 46n + 256n);
  for (let i = 0; i < 1000; i++) {
    assert.equal(orders.submit({ add: 1, times: 1 }), true);
    if (i % 200 === 199) await scene.subject.call("getppid", 1);
  }
  assert.equal(skel.bss.sum, 46n + 256n + 1000n);
});

/** The worker's program: it reads at its own pace until the kernel is done, and then reports what it has read. */
const READER = `
const { workerData, parentPort } = require("node:worker_threads");
(async () => {
  const { skeleton } = await import(workerData.make);
  const { events } = await skeleton("events");
  const skel = events.openAndLoad();
  const { rb } = skel.maps;
  const controller = new AbortController();
  let received = 0, wrong = 0, last = -1;
  const reading = rb.consume((view) => {
    const sequence = view.sequence$number;
    if (sequence <= last || view.check !== ((sequence ^ 0xa5a5a5a5) >>> 0)) wrong++;
    last = sequence;
    received++;
  }, { signal: controller.signal });
  const work = new Uint8Array(Uint32Array.of(10_000, 0).buffer);
  for (let i = 0; i < workerData.rounds; i++) {
    skel.progs.produce.testRun({ ctxIn: work });
    if (i % workerData.pause === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  while (rb.available > 0) await new Promise((resolve) => setImmediate(resolve));
  controller.abort();
  await reading;
  parentPort.postMessage({ received, wrong, dropped: rb.dropped, produced: skel.bss.produced });
  skel.destroy();
})();
`;

async function inWorker(rounds: number, pause: number) {
  const make = new URL("./runtime/make.ts", import.meta.url).href;
  const worker = new Worker(READER, { eval: true, workerData: { make, rounds, pause } });
  const result = new Promise<{ received: number; wrong: number; dropped: bigint; produced: bigint }>(
    (resolve, reject) => worker.once("message", resolve).once("error", reject),
  );
  const ended = new Promise((resolve) => worker.once("exit", resolve));
  const values = await result;
  assert.equal(await ended, 0);
  return values;
}

test("received + dropped = produced over 10,000,000 events, in a worker thread", async () => {
  const { received, wrong, dropped, produced } = await inWorker(1000, 1);
  assert.equal(produced, 10_000_000n);
  assert.equal(wrong, 0);
  assert.equal(BigInt(received) + dropped, produced);
});

test("the same with a reader slower than the kernel", async () => {
  const { received, wrong, dropped, produced } = await inWorker(1000, 10);
  assert.equal(produced, 10_000_000n);
  assert.equal(wrong, 0);
  assert.ok(dropped > 0n);
  assert.equal(BigInt(received) + dropped, produced);
});
