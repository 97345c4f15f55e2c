import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type {
  PerfEventArray,
  RingBuffer,
  Skeleton,
  SkeletonClass,
} from "../../toolchain/src/runtime/index.ts";
import { Subject, skeleton } from "./runtime/make.ts";

interface Line {
  sequence: number;
  used: number;
  stamp: bigint;
  text: string;
}
interface Parts extends Skeleton {
  readonly maps: {
    readonly ring: RingBuffer<Line, Line & { readonly text$bytes: Uint8Array }>;
    readonly perf: PerfEventArray<Line, Line & { readonly text$bytes: Uint8Array }>;
  };
  readonly bss: { produced: number };
  readonly rodata: { subject: number; exchanged: number; base: number };
}

/** The size of the struct without its last array, which is the least that is sent. */
const BASE = 16;
let parts: SkeletonClass<Parts>;
let subject: Subject;
before(async () => {
  ({ parts } = await skeleton<{ parts: SkeletonClass<Parts> }>("parts"));
  subject = await Subject.start();
});
after(() => subject?.[Symbol.asyncDispose]());

function load(prepare: (skel: Parts) => void = () => {}): Parts {
  const skel = parts.open();
  skel.rodata.subject = subject.pid;
  prepare(skel);
  skel.load();
  skel.maps.ring.open();
  skel.maps.perf.open();
  skel.attach();
  return skel;
}

function expected(sequence: number, used = sequence % 65): Line {
  return { sequence, used, stamp: 7n, text: String.fromCharCode(97 + (sequence & 15)).repeat(used) };
}

/** A perf event array rounds up, and what it adds may be anything: only what the program has filled is compared. */
function filled({ text, used, ...rest }: Line): Line {
  return { ...rest, used, text: text.slice(0, used) };
}

const rounded = (length: number) => Math.min(((length + 4 + 7) & ~7) - 4, BASE + 64);

test("an event that is sent in part is read as far as it goes, as plain values", async () => {
  using skel = load();
  await subject.call("getpgid", 130);
  const values: Line[] = [];
  for await (const value of skel.maps.ring.events()) {
    values.push(value);
    if (values.length === 65) break;
  }
  for await (const batch of skel.maps.ring.batches()) {
    values.push(...batch);
    if (values.length === 130) break;
  }
  assert.deepEqual(
    values,
    Array.from({ length: 130 }, (_, i) => expected(i)),
  );
  assert.deepEqual(
    values.map((value) => skel.maps.ring.lengthOf(value)),
    values.map(({ used }) => BASE + used),
  );
  const perf: Line[] = [];
  for await (const value of skel.maps.perf) {
    perf.push(value);
    assert.equal(skel.maps.perf.lengthOf(value), rounded(BASE + value.used));
    if (perf.length === 130) break;
  }
  perf.sort((a, b) => a.sequence - b.sequence);
  assert.deepEqual(
    perf.map(filled),
    Array.from({ length: 130 }, (_, i) => expected(i)),
  );
});

test("an event that is sent in part is read as far as it goes, as views", async () => {
  using skel = load();
  await subject.call("getpgid", 130);
  let next = 0;
  skel.maps.ring.drain((view, length) => {
    assert.deepEqual(
      { sequence: view.sequence, used: view.used, stamp: view.stamp, text: view.text },
      expected(next++),
    );
    assert.equal(length, BASE + view.used);
    assert.ok(
      view.text$bytes.subarray(view.used).every((byte) => byte === 0),
      "what is missing is zero",
    );
  });
  assert.equal(next, 130);
  let count = 0;
  skel.maps.perf.drain((view, length) => {
    count++;
    assert.equal(view.text.slice(0, view.used), expected(view.sequence).text);
    assert.equal(length, rounded(BASE + view.used));
    assert.ok(view.text$bytes.subarray(length - BASE).every((byte) => byte === 0));
  });
  assert.equal(count, 130);
});

test("an event that ends before its last array is refused, and the next is read", async () => {
  using skel = load(({ rodata }) => {
    rodata.base = BASE - 8;
  });
  await subject.call("getpgid", 10);
  let refused = 0;
  const seen: number[] = [];
  for (let i = 0; i < 20 && skel.maps.ring.available > 0; i++) {
    try {
      skel.maps.ring.drain(({ sequence }) => seen.push(sequence));
    } catch (error) {
      assert.match(String(error), /has \d+ bytes, fewer than the 16 that are needed of struct line/);
      refused++;
    }
  }
  assert.equal(refused, 8);
  assert.deepEqual(seen, [8, 9]);
  assert.throws(() => {
    for (let i = 0; i < 10; i++) skel.maps.perf.drain(() => {});
  }, /fewer than the 16 that are needed of struct line/);
});

test("a map of events is read by the type that it is set to", async () => {
  using skel = load(({ maps, rodata }) => {
    rodata.exchanged = 1;
    maps.ring.setType("perf_event_array");
    maps.perf.setType("ringbuf");
    maps.perf.setMaxEntries(1 << 16);
    maps.ring.setPages(4);
  });
  const { ring, perf } = skel.maps;
  assert.equal(ring.type, "perf_event_array");
  assert.equal(perf.type, "ringbuf");
  assert.deepEqual([ring.keySize, ring.valueSize], [4, 4]);
  assert.deepEqual([perf.keySize, perf.valueSize, perf.maxEntries], [0, 0, 1 << 16]);
  assert.throws(() => ring.setPages(8), /exist already/);
  await subject.call("getpgid", 65);
  assert.ok(perf.available > 0);
  const byRing: Line[] = [];
  perf.drain((view) => byRing.push({ ...expected(view.sequence), text: view.text }));
  assert.deepEqual(
    byRing,
    Array.from({ length: 65 }, (_, i) => expected(i)),
  );
  const byPerf: Line[] = [];
  const controller = new AbortController();
  const reading = (async () => {
    for await (const value of ring.events({ signal: controller.signal })) {
      byPerf.push(value);
      if (byPerf.length === 66) controller.abort();
    }
  })();
  // One comes while the reader waits.
  setTimeout(() => subject.call("getpgid", 1), 50);
  await reading;
  byPerf.sort((a, b) => a.sequence - b.sequence);
  assert.deepEqual(
    byPerf.map(filled),
    Array.from({ length: 66 }, (_, i) => expected(i)),
  );
});
