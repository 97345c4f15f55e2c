// How readers of events are woken. What is looked at is that every event comes, and how often the loop calls; how fast
// it is is the benchmark's matter.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { after, before, test } from "node:test";
import { setTimeout as wait } from "node:timers/promises";
import type {
  EventSource,
  PerfEventArray,
  RingBuffer,
  Skeleton,
  SkeletonClass,
} from "../../toolchain/src/runtime/index.ts";
import { Subject, skeleton } from "./runtime/make.ts";

interface Tick {
  sequence: bigint;
}
interface TickView extends Tick {
  readonly sequence$number: number;
}
interface Wakes extends Skeleton {
  readonly maps: {
    readonly ring: RingBuffer<Tick, TickView>;
    readonly perf: PerfEventArray<Tick, TickView>;
  };
  readonly bss: { produced: bigint };
  readonly rodata: { subject: number; by_perf: number };
}
type Kind = "ring" | "perf";

let wakes: SkeletonClass<Wakes>;
let subject: Subject;
before(async () => {
  ({ wakes } = await skeleton<{ wakes: SkeletonClass<Wakes> }>("wakes"));
  subject = await Subject.start();
  // The kernel reports what a CPU's ring has lost with the next event of the same CPU.
  execFileSync("taskset", ["--cpu-list", "--pid", "0", String(subject.pid)], { stdio: "ignore" });
});
after(() => subject?.[Symbol.asyncDispose]());

function load(kind: Kind, size = 1 << 16): { skel: Wakes; map: EventSource<Tick, TickView> } {
  const skel = wakes.open();
  skel.rodata.subject = subject.pid;
  skel.rodata.by_perf = kind === "perf" ? 1 : 0;
  skel.maps.ring.setMaxEntries(size);
  skel.maps.perf.setPages(size / 4096);
  skel.load();
  const map = skel.maps[kind];
  map.open();
  skel.attach();
  return { skel, map };
}

/** Makes events in batches with pauses, so that their rate is about that many in a millisecond. */
async function pace(count: number, each: number): Promise<void> {
  for (let done = 0; done < count; done += each) {
    await subject.call("getpgid", each);
    if (each < 1000) await wait(1);
  }
}

for (const kind of ["ring", "perf"] as const) {
  for (const size of [4096, 1 << 14, 1 << 16]) {
    for (const latency of [undefined, 0, 0.5, 20]) {
      test(`${kind} of ${size} bytes, latency ${latency ?? "as it is"}: received + dropped = produced`, async () => {
        const { skel, map } = load(kind, size);
        const controller = new AbortController();
        let received = 0;
        let last = -1;
        const reading = map.consume(
          ({ sequence$number }) => {
            assert.ok(sequence$number > last, "in order");
            last = sequence$number;
            received++;
          },
          { signal: controller.signal, latency },
        );
        for (const [count, each] of [
          [20, 1],
          [2000, 50],
          [50_000, 5000],
        ] as const)
          await pace(count, each);
        await wait(50);
        // With this one the kernel reports what it has lost.
        await subject.call("getpgid", 1);
        await wait(50);
        controller.abort();
        await reading;
        const { produced } = skel.bss;
        assert.equal(BigInt(received) + map.dropped, produced);
        assert.equal(map.available, 0);
        skel.destroy();
      });
    }
  }

  test(`${kind}: frequent events are gathered, and once they are over the loop is left alone`, async () => {
    const { skel, map } = load(kind);
    const controller = new AbortController();
    let received = 0;
    const reading = map.consume(() => received++, { signal: controller.signal });
    await pace(100_000, 10_000);
    await wait(100);
    assert.equal(BigInt(received) + map.dropped, skel.bss.produced);
    assert.ok(map.wakes < received / 10, `${map.wakes} wakes for ${received} events`);
    const idle = map.wakes;
    await wait(1000);
    assert.equal(map.wakes - idle, 0);
    // Nothing else happens, and nobody's clock is set: the event itself has to wake the reader.
    const seen = received;
    await subject.call("getpgid", 1);
    for (let i = 0; i < 100 && received === seen; i++) await wait(10);
    assert.equal(received, seen + 1);
    assert.ok(map.wakes > idle);
    controller.abort();
    await reading;
    skel.destroy();
  });

  test(`${kind}: the signal and the end of the skeleton end a wait by the clock at once`, async () => {
    const { skel, map } = load(kind, 1 << 22);
    const latency = 600_000;
    let count = 0;
    const controller = new AbortController();
    const { signal } = controller;
    const reading = (async () => {
      for await (const _ of map.events({ signal, latency })) count++;
    })();
    const consuming = map.consume(() => count++, { latency });
    await pace(20_000, 5000);
    controller.abort();
    await reading;
    skel.destroy();
    await consuming;
    assert.ok(count > 0);
  });

  test(`${kind}: a latency that is no length of time is refused`, async () => {
    const { skel, map } = load(kind);
    for (const latency of [-1, Number.NaN, "5" as never]) {
      assert.throws(() => map.events({ latency }), RangeError);
      await assert.rejects(map.batches({ latency }).next(), RangeError);
      await assert.rejects(
        map.consume(() => {}, { latency }),
        RangeError,
      );
    }
    skel.destroy();
  });

  test(`${kind}: several readers of different latencies get every event between them`, async () => {
    const { skel, map } = load(kind);
    const controller = new AbortController();
    const { signal } = controller;
    let received = 0;
    const readings = [
      map.consume(() => received++, { signal, latency: 0 }),
      map.consume(() => received++, { signal, latency: 5 }),
      (async () => {
        for await (const _ of map.events({ signal, latency: 1 })) received++;
      })(),
      (async () => {
        for await (const batch of map.batches({ signal, latency: 3 })) received += batch.length;
      })(),
    ];
    await pace(1000, 20);
    await pace(20_000, 1000);
    await wait(50);
    await subject.call("getpgid", 1);
    await wait(50);
    controller.abort();
    await Promise.all(readings);
    assert.equal(BigInt(received) + map.dropped, skel.bss.produced);
    skel.destroy();
  });
}
