import assert from "node:assert/strict";
import { release } from "node:os";
import { after, before, test } from "node:test";
import { compareVersions } from "../../toolchain/src/guest/choose.ts";
import {
  enableStats,
  type Program,
  type Skeleton,
  type SkeletonClass,
  StateError,
} from "../../toolchain/src/runtime/index.ts";
import { openDescriptors, skeleton } from "./runtime/make.ts";

interface Streams extends Skeleton {
  readonly progs: { readonly tells: Program };
}

interface Printing extends Skeleton {
  readonly progs: { readonly prints: Program };
  readonly bss: { mark: number };
}

/** A packet, of which the programs see its length. */
const PACKET = { dataIn: new Uint8Array(64) };

async function all(lines: AsyncIterable<string>): Promise<string[]> {
  const seen: string[] = [];
  for await (const line of lines) seen.push(line);
  return seen;
}

let streams: SkeletonClass<Streams>;
let printing: SkeletonClass<Printing>;
let skel: Streams;
before(async () => {
  ({ streams } = await skeleton<{ streams: SkeletonClass<Streams> }>("streams"));
  ({ printing } = await skeleton<{ printing: SkeletonClass<Printing> }>("printing"));
  skel = streams.openAndLoad();
});
after(() => skel?.destroy());

// What programs print to their streams is looked at in guests (test/kernels/streams.test.ts): a kernel that hands out its
// memory lazily, as virtual machines may have it, has none for streams.
test("a program that prints to its stream is read from there, where the kernel has streams", async () => {
  const { tells } = skel.progs;
  const has = compareVersions(release(), "6.17") >= 0;
  assert.equal(tells.stdout.source, has ? "stream" : "trace_pipe");
  assert.equal(tells.stderr.source, has ? "stream" : "none");
  assert.equal(tells.stdout.read(), "");
  assert.equal(tells.stderr.read(), "");
});

test("reading costs next to nothing while nothing comes", async () => {
  const end = new AbortController();
  const reading = all(skel.progs.tells.stderr.lines({ signal: end.signal }));
  const before = process.cpuUsage();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const { user, system } = process.cpuUsage(before);
  end.abort();
  assert.deepEqual(await reading, []);
  // A reader that looked again at once would be busy all of the time.
  assert.ok(user + system < 500_000, `${user + system} µs`);
});

test("reading ends with the skeleton, also for one who waits; without load there is nothing to read", async () => {
  const other = streams.open();
  await assert.rejects(async () => {
    for await (const _ of other.progs.tells.stdout);
  }, StateError);
  other.load();
  const reading = all(other.progs.tells.stdout);
  await new Promise((resolve) => setTimeout(resolve, 20));
  other.destroy();
  assert.deepEqual(await reading, []);
  assert.throws(() => other.progs.tells.stdout.read(), StateError);
});

test("an object that does not print to streams is read through the trace pipe", async () => {
  const opened = openDescriptors();
  {
    using skel = printing.open();
    skel.bss.mark = process.pid;
    skel.load();
    const { prints } = skel.progs;
    assert.equal(prints.stdout.source, "trace_pipe");
    assert.equal(prints.stdout.read(), "");
    const wanted = `printed ${process.pid}: 50`;
    const first = async () => {
      for await (const line of prints.stdout) if (line === wanted) return line;
    };
    // Both get the line: the pipe gives it to one reader, which is this process.
    const reading = [first(), first()];
    await new Promise((resolve) => setImmediate(resolve));
    prints.testRun(PACKET);
    assert.deepEqual(await Promise.all(reading), [wanted, wanted]);
    const end = AbortSignal.abort();
    assert.deepEqual(await all(prints.stdout.lines({ signal: end })), []);
  }
  assert.equal(openDescriptors(), opened);
});

test("runs and their time are counted while statistics are on", () => {
  const { tells } = skel.progs;
  const before = tells.stats();
  tells.testRun({ ...PACKET, repeat: 10 });
  const opened = openDescriptors();
  {
    using _ = enableStats();
    using _again = enableStats();
    const on = tells.stats();
    tells.testRun({ ...PACKET, repeat: 1000 });
    const { runs, time, misses } = tells.stats();
    assert.equal(runs - on.runs, 1000n);
    assert.ok(time > on.time);
    assert.equal(misses, 0n);
  }
  assert.equal(openDescriptors(), opened);
  const after = tells.stats();
  tells.testRun({ ...PACKET, repeat: 10 });
  assert.deepEqual(tells.stats(), after);
  assert.ok(after.runs - before.runs >= 1000n);
  using closed = streams.open();
  assert.throws(() => closed.progs.tells.stats(), StateError);
});
