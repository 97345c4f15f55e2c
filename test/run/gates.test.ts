// Steps whose outputs wait for another step that has to succeed.
import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { orderSteps } from "../../toolchain/src/run/graph.ts";
import { concat, shell, Workshop } from "./workshop.ts";

/** A step that checks `in`, and one that makes `out` of it, which is not to appear unless the check succeeds. */
function checked(check: string, make = 'cat in > "$1"'): Step[] {
  return [
    shell("make", ["in"], ["out"], make, { publishAfter: ["check"] }),
    shell("check", ["in"], ["checked"], `${check} && echo > "$1"`),
  ];
}

for (const jobs of [1, 2]) {
  test(`both run, and the output appears after the check (-j ${jobs})`, async (t) => {
    const shop = new Workshop(t);
    shop.write("in", "1");
    const { events, failure } = await shop.build(checked("test ! -e out && sleep 0.1 && test ! -e out"), {
      jobs,
    });
    assert.equal(failure, undefined);
    const ended = events.flatMap((event) => (event.type === "done" ? [event.step.id] : []));
    assert.deepEqual(ended, ["check", "make"]);
    assert.equal(shop.read("out"), "1");
  });

  test(`nothing appears when the check fails, and the old output stays (-j ${jobs})`, async (t) => {
    const shop = new Workshop(t);
    shop.write("in", "1");
    await shop.ran(checked("true"), { jobs });
    shop.write("in", "bad");
    const bad = await shop.build(checked("! grep bad in"), { jobs });
    assert.equal(bad.failure?.kind, "step-failed");
    assert.deepEqual(
      bad.events.flatMap((event) => (event.type === "failed" ? [event.step.id] : [])),
      ["check"],
    );
    assert.equal(shop.read("out"), "1");
    assert.ok(!existsSync(shop.path(".output/.bpf-app/stage/make")), "what was made is thrown away");
    shop.write("in", "good");
    assert.deepEqual([...(await shop.ran(checked("! grep bad in"), { jobs }))].sort(), ["check", "make"]);
    assert.equal(shop.read("out"), "good");
  });
}

test("a check that is up to date lets the output appear", async (t) => {
  const shop = new Workshop(t);
  shop.write("in", "1");
  shop.write("other", "1");
  const plan = [
    concat("make", ["other"], "out", { publishAfter: ["check"] }),
    shell("check", ["in"], ["checked"], 'echo > "$1"'),
  ];
  assert.deepEqual([...(await shop.ran(plan))].sort(), ["check", "make"]);
  shop.write("other", "2");
  assert.deepEqual(
    await shop.ran(plan),
    ["make"],
    "the check is up to date, and need not run for another input",
  );
});

test("a wanted step brings the check with it", async (t) => {
  const shop = new Workshop(t);
  shop.write("in", "1");
  const { failure } = await shop.build(checked("false"), { targets: ["make"] });
  assert.equal(failure?.kind, "step-failed");
  assert.ok(!existsSync(shop.path("out")));
});

test("ends at once when the build is interrupted while a step waits", async (t) => {
  const shop = new Workshop(t);
  shop.write("in", "1");
  const stop = new AbortController();
  const { failure } = await shop.build(checked("touch begun; sleep 60"), {
    signal: stop.signal,
    listener: (event) => {
      if (event.type === "start" && event.step.id === "check") setTimeout(() => stop.abort(), 200);
    },
  });
  assert.equal(failure?.kind, "interrupted");
  assert.ok(!existsSync(shop.path("out")));
});

test("a gate that waits for what it holds back is a circle, and one that is not there a mistake", () => {
  const kind = (expected: string) => (error: { failure: { kind: string } }) =>
    error.failure.kind === expected;
  const circle = [
    concat("make", ["in"], "out", { publishAfter: ["check"] }),
    shell("check", ["out"], ["checked"], ""),
  ];
  assert.throws(() => orderSteps("/app", circle), kind("dependency-cycle"));
  assert.throws(() => orderSteps("/app", circle.slice(0, 1)), kind("unknown-step"));
});
