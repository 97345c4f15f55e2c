import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { runWords } from "../../toolchain/src/run/words.ts";
import { concat, shell, Workshop, waitFor } from "./workshop.ts";

test("a command that fails is told with its code and all it said; nothing of it is published", async (t) => {
  const shop = new Workshop(t);
  shop.write("in", "1");
  const step = (script: string) => [shell("cc", ["in"], ["out"], script), concat("next", ["out"], "next")];
  await shop.ran(step('cat in > "$1"'));
  const { failure, events } = await shop.build(step('echo half > "$1"; echo "in:1: error" >&2; exit 3'));
  assert.ok(failure?.kind === "step-failed");
  assert.deepEqual([failure.step.id, failure.code, failure.text], ["cc", 3, "in:1: error\n"]);
  assert.match(runWords(failure).what, /^cc failed/);
  assert.equal(shop.read("out") + shop.read("next"), "11");
  assert.deepEqual(
    events.map(({ type }) => type),
    ["begin", "start", "output", "failed", "end"],
  );
  assert.deepEqual(await shop.ran(step('cat in > "$1"')), [], "the former outputs are still up to date");
});

test("after a failure nothing new starts, and what runs is finished and kept", async (t) => {
  const shop = new Workshop(t);
  const plan = [
    shell("slow", [], ["slow"], `echo > begun; ${waitFor("failed")}; echo > "$1"`),
    shell("bad", [], ["bad"], `${waitFor("begun")}; exit 1`),
    concat("later", ["slow"], "later"),
  ];
  const { ran, failure } = await shop.build(plan, {
    listener: (event) => {
      if (event.type === "failed") shop.write("failed", "");
    },
  });
  assert.deepEqual([[...ran].sort(), failure?.kind], [["bad", "slow"], "step-failed"]);
  assert.deepEqual([...(await shop.build(plan)).ran].sort(), ["bad", "later"]);
});

test("a command that is killed", async (t) => {
  const { failure } = await new Workshop(t).build([
    shell("killed", [], ["o"], "echo last words; kill -9 $$"),
  ]);
  assert.ok(failure?.kind === "step-killed");
  assert.deepEqual([failure.signal, failure.memory, failure.text], ["SIGKILL", false, "last words\n"]);
});

test("a program that is not there any more", async (t) => {
  const shop = new Workshop(t);
  const gone = { name: "cc", path: shop.path("bin/cc"), version: "", identity: "" };
  const step = { ...shell("cc", [], ["o"], "", { tools: [gone] }), argv: ["cc", "-c"] };
  const byTool = await shop.build([step]);
  assert.ok(byTool.failure?.kind === "tool-vanished" && byTool.failure.tool === "cc");
  const byName = await shop.build([{ ...step, argv: ["no-such-program"], tools: [] }]);
  assert.ok(byName.failure?.kind === "tool-vanished" && byName.failure.tool === "no-such-program");
});

test("a program that may not be executed", async (t) => {
  const shop = new Workshop(t);
  shop.write("bin/tool", "#!/bin/sh\n", 0o644);
  const { failure } = await shop.build([{ ...shell("x", [], ["o"], ""), argv: ["bin/tool"] }]);
  assert.ok(failure?.kind === "permission" && failure.path === shop.path("bin/tool"));
});

test("a program built by a step before is run by its path", async (t) => {
  const shop = new Workshop(t);
  const make = shell(
    "tool",
    [],
    ["bin/tool"],
    'printf "#!/bin/sh\\necho made by \\$0\\n" > "$1"; chmod +x "$1"',
  );
  const use = { ...shell("use", ["bin/tool"], ["o"], "", { stdout: "o" }), argv: ["bin/tool"] };
  await shop.ran([use, make]);
  assert.match(shop.read("o"), /^made by .*bin\/tool\n$/);
});

test("an output that was not made", async (t) => {
  const shop = new Workshop(t);
  const { failure } = await shop.build([shell("half", [], ["a", "b"], 'echo > "$1"')]);
  assert.ok(failure?.kind === "output-not-made" && failure.path === "b");
  const folder = await shop.build([shell("folder", [], ["x"], 'mkdir "$1"')]);
  assert.equal(folder.failure?.kind, "output-not-made");
});

test("an input that is missing", async (t) => {
  for (const input of ["gone", "gone/"]) {
    const { failure } = await new Workshop(t).build([concat("cat", [input], "o")]);
    assert.ok(failure?.kind === "missing-input" && failure.path === input && failure.step.id === "cat");
  }
});

test("an action's own failure comes through; an error of the system gets its name", async (t) => {
  const shop = new Workshop(t);
  const step = { ...shell("act", [], ["o"], ""), argv: ["bpf-app", "act"] };
  const failing = (error: Error) => shop.build([step], { actions: { act: () => Promise.reject(error) } });
  const own = await failing(new Failure("btf", { kind: "btf-missing" }));
  assert.equal(own.failure?.kind, "btf-missing");
  const space = await failing(Object.assign(new Error(), { code: "ENOSPC", path: "/x" }));
  assert.ok(space.failure?.kind === "no-space" && space.failure.path === "/x");
  const bug = failing(new TypeError("a bug"));
  await assert.rejects(bug, TypeError);
});

test("interrupted: the whole tree of a command ends, nothing is left, and a later build goes on", async (t) => {
  const shop = new Workshop(t);
  const stop = new AbortController();
  const plan = [
    shell("quick", [], ["quick"], 'echo > "$1"'),
    shell(
      "long",
      [],
      ["long"],
      `echo half > "$1"; (trap "" TERM; sleep 1; echo survived > ${shop.path("survivor")}) & echo > ${shop.path("running")}; wait`,
    ),
  ];
  const building = shop.build(plan, { signal: stop.signal, jobs: 1 });
  while (!existsSync(shop.path("running"))) await sleep(5);
  stop.abort();
  const { failure, events } = await building;
  assert.equal(failure?.kind, "interrupted");
  assert.equal(events.at(-1)?.type, "end");
  assert.ok(!existsSync(shop.path("long")));
  await sleep(1_200);
  assert.ok(!existsSync(shop.path("survivor")), "a child that ignores TERM is killed");
  assert.deepEqual(await shop.ran([plan[0]!]), []);
});

test("interrupted before anything began", async (t) => {
  const { failure, ran } = await new Workshop(t).build([shell("x", [], ["o"], 'echo > "$1"')], {
    signal: AbortSignal.abort(),
  });
  assert.deepEqual([failure?.kind, ran], ["interrupted", []]);
});
