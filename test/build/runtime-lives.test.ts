import assert from "node:assert/strict";
import { test } from "node:test";
import type { SkeletonClass } from "../../toolchain/src/runtime/index.ts";
import type { Brief } from "./runtime/brief.ts";
import { openDescriptors, skeleton } from "./runtime/make.ts";

test("10,000 lives leave descriptors and memory as they were", { timeout: 600_000 }, async () => {
  const { brief } = await skeleton<{ brief: SkeletonClass<Brief> }>("brief");
  const live = () => {
    using skel = brief.open();
    skel.rodata.step = 2;
    skel.load();
    skel.attach();
    skel.bss.calls++;
    skel.maps.table.set(1, 2n);
    assert.equal(
      skel.maps.rb.drain(() => {}),
      0,
    );
  };
  const many = async (count: number) => {
    for (let i = 0; i < count; i++) {
      live();
      if (i % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
  };
  // The kernel makes the first and the last user of a tracepoint wait for all CPUs. With another user there all the
  // time, this one is neither.
  using keeper = brief.openAndLoad();
  keeper.attach();
  await many(1000);
  const descriptors = openDescriptors();
  const memory = process.memoryUsage().rss;
  await many(10_000);
  assert.equal(openDescriptors(), descriptors);
  const grown = (process.memoryUsage().rss - memory) / 2 ** 20;
  assert.ok(grown < 32, `${grown.toFixed(0)} MiB more`);
});
