import assert from "node:assert/strict";
import { test } from "node:test";
import { u32, u64 } from "../../toolchain/src/runtime/codec.ts";
import { EINVAL, ENOENT, ENOSPC } from "../../toolchain/src/runtime/errno.ts";
import type { Elements } from "../../toolchain/src/runtime/maps/elements.ts";
import { Entries, Keys, Values, type Walked } from "../../toolchain/src/runtime/maps/walk.ts";

/** Of errno.h; as the addon returns it. */
const EPERM = -1;

interface Batch {
  readonly keys: ArrayBuffer;
  readonly values: ArrayBuffer;
  readonly count: number;
  readonly in?: ArrayBuffer;
  readonly out: ArrayBuffer;
}

/** A map of keys from 0 on, whose values are their doubles. Its cursor is how many were read. */
class Fake {
  readonly rooms: number[] = [];
  readonly walked: Walked<number, bigint>;

  constructor(length: number, bucket: number, refuse?: (call: number) => number | undefined) {
    const batch = (_what: string, _fd: number, options: Batch) => {
      this.rooms.push(options.count);
      const error = refuse?.(this.rooms.length - 1);
      if (error !== undefined) return { error, count: 0 };
      if (options.count < bucket) return { error: ENOSPC, count: 0 };
      const from = options.in ? new Uint32Array(options.in)[0]! : 0;
      // The kernel gives whole buckets only.
      const count = Math.min(options.count - (options.count % bucket), length - from);
      for (let i = 0; i < count; i++) {
        new Uint32Array(options.keys)[i] = from + i;
        new BigUint64Array(options.values)[i] = 2n * BigInt(from + i);
      }
      new Uint32Array(options.out)[0] = from + count;
      return { error: from + count === length ? ENOENT : 0, count };
    };
    const elements = { native: { batch }, fd: 3, key: u32, value: u64 } as unknown as Elements<
      number,
      bigint
    >;
    this.walked = { name: "fake", maxEntries: length, elements };
  }
}

test("batches grow up to 8,192 elements, and every element comes once", () => {
  const fake = new Fake(50_000, 1);
  const keys = [...new Keys(fake.walked, "lookup")];
  assert.deepEqual(
    keys,
    Array.from({ length: 50_000 }, (_, i) => i),
  );
  assert.deepEqual(fake.rooms.slice(0, 7), [256, 512, 1024, 2048, 4096, 8192, 8192]);
  assert.deepEqual([...new Values(new Fake(1000, 1).walked, "lookup")].at(-1), 1998n);
});

test("what is taken out of a map comes in small batches", () => {
  const fake = new Fake(1000, 1);
  assert.equal([...new Entries(fake.walked, "lookupAndDelete")].length, 1000);
  assert.deepEqual(fake.rooms, [256, 256, 256, 256]);
});

test("a bucket that does not fit gets more room", () => {
  const fake = new Fake(6000, 3000);
  assert.deepEqual([...new Entries(fake.walked, "lookup")].at(-1), [5999, 11998n]);
  assert.deepEqual(fake.rooms, [256, 1024, 4096, 8192]);
});

test("a map without elements is over at once, and stays so", () => {
  const entries = new Entries(new Fake(0, 1).walked, "lookup");
  assert.deepEqual(entries.next(), { done: true, value: undefined });
  assert.deepEqual(entries.next(), { done: true, value: undefined });
});

test("an iteration is over when it was left, told to end, or has failed", () => {
  const left = new Keys(new Fake(1000, 1).walked, "lookup");
  for (const key of left) if (key === 10) break;
  assert.deepEqual([...left], []);

  const told = new Keys(new Fake(1000, 1).walked, "lookup");
  assert.equal(told.next().value, 0);
  assert.throws(() => told.throw(new RangeError("enough")), { name: "RangeError", message: "enough" });
  assert.deepEqual([...told], []);

  const failed = new Keys(new Fake(1000, 1, (call) => (call === 1 ? EPERM : undefined)).walked, "lookup");
  let seen = 0;
  assert.throws(
    () => {
      for (const _ of failed) seen++;
    },
    { code: "EPERM", call: "bpf_map_lookup_batch" },
  );
  assert.equal(seen, 256);
  assert.deepEqual([...failed], []);
});

test("that there are no batches is believed of the first one only", () => {
  const late = new Fake(1000, 1, (call) => (call === 1 ? EINVAL : undefined));
  assert.throws(() => [...new Keys(late.walked, "lookup")], { code: "EINVAL" });
});

test("nothing is asked of the map before the first element is", () => {
  const walked: Walked<number, bigint> = {
    name: "unloaded",
    maxEntries: 0,
    get elements(): never {
      throw new RangeError("not loaded");
    },
  };
  const entries = new Entries(walked, "lookup");
  assert.throws(() => entries.next(), { message: "not loaded" });
});
