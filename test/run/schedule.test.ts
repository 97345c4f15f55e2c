import assert from "node:assert/strict";
import { test } from "node:test";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { orderSteps } from "../../toolchain/src/run/graph.ts";
import { type Slots, schedule } from "../../toolchain/src/run/schedule.ts";
import { concat, shell, Workshop } from "./workshop.ts";

/** Runs a plan of steps that only pretend to work, each for as long as `length` says, on a clock of its own. */
async function pretend(steps: readonly Step[], jobs: number, length: (id: string) => number) {
  let free = jobs;
  const waiting: (() => void)[] = [];
  const slots: Slots = {
    take: () => free > 0 && free-- > 0,
    give() {
      free++;
      for (const then of waiting.splice(0)) then();
    },
    wait: (then) => waiting.push(then),
  };
  const began: string[] = [];
  const ends: { at: number; end: () => void }[] = [];
  let now = 0;
  const done = schedule(
    orderSteps("/app", steps).nodes,
    slots,
    {
      look: () => true,
      weight: ({ step }) => length(step.id),
      run({ step }) {
        began.push(step.id);
        return new Promise((end) => ends.push({ at: now + length(step.id), end: () => end(true) }));
      },
    },
    new AbortController().signal,
  );
  while (ends.length) {
    const next = ends.sort((a, b) => a.at - b.at).shift()!;
    now = next.at;
    next.end();
    await new Promise(setImmediate);
  }
  await done;
  return { began, took: now };
}

test("the longest chain is begun first", async () => {
  const plan = [
    concat("a", [], "a"),
    concat("b", [], "b"),
    concat("c", [], "c"),
    concat("chain 1", [], "d"),
    concat("chain 2", ["d"], "e"),
    concat("chain 3", ["e"], "f"),
  ];
  const { began, took } = await pretend(plan, 2, () => 10);
  assert.equal(began[0], "chain 1");
  assert.equal(took, 30);
});

test("as many steps at once as there are jobs, and no more", async () => {
  const plan = Array.from({ length: 9 }, (_, n) => concat(`${n}`, [], `${n}`));
  for (const jobs of [1, 2, 4, 9, 20]) {
    assert.equal((await pretend(plan, jobs, () => 1)).took, Math.ceil(9 / jobs), `${jobs} jobs`);
  }
});

test("a later build knows from its record how long a step took", async (t) => {
  const shop = new Workshop(t);
  shop.write("in", "1");
  const plan = [concat("short", ["in"], "a"), shell("long", ["in"], ["b"], 'sleep 1; cat in > "$1"')];
  assert.deepEqual(await shop.ran(plan, { jobs: 1 }), ["short", "long"]);
  shop.write("in", "2");
  assert.deepEqual(await shop.ran(plan, { jobs: 1 }), ["long", "short"]);
});
