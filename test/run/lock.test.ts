import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { shell, Workshop } from "./workshop.ts";

const DRIVER = fileURLToPath(new URL("../faults/build.ts", import.meta.url));

/**
 * A build in a process of its own, which waits in its step for the file `go`, or until the test is over. It is
 * waited for and not killed, which would leave the step's command behind.
 */
async function buildElsewhere(shop: Workshop): Promise<ChildProcess> {
  shop.write("plan.json", JSON.stringify([slow]));
  const child = spawn(process.execPath, [DRIVER, shop.root, "plan.json"], { stdio: "ignore" });
  const ended = once(child, "exit");
  shop.endFirst(() => {
    shop.remove("plan.json");
    return ended;
  });
  while (!existsSync(shop.path("running"))) await sleep(5);
  return child;
}

const slow = shell(
  "slow",
  [],
  ["out"],
  'echo > running; while [ -e plan.json ] && ! [ -e go ]; do sleep 0.02; done; echo done > "$1"',
);

test("a second build waits, says for whom, and finds the work done", async (t) => {
  const shop = new Workshop(t);
  const child = await buildElsewhere(shop);
  const second = shop.build([slow]);
  await sleep(100);
  shop.write("go", "");
  const { events, ran } = await second;
  assert.deepEqual(ran, []);
  assert.deepEqual(
    events.filter(({ type }) => type === "waiting"),
    [{ type: "waiting", pid: child.pid }],
  );
});

test("a build that waits can be interrupted", async (t) => {
  const shop = new Workshop(t);
  await buildElsewhere(shop);
  const stop = new AbortController();
  const second = shop.build([slow], { signal: stop.signal });
  await sleep(50);
  stop.abort();
  assert.equal((await second).failure?.kind, "interrupted");
  shop.write("go", "");
});

test("the lock of a killed build is free at once, and what it had started is ended first", async (t) => {
  const shop = new Workshop(t);
  const child = await buildElsewhere(shop);
  child.kill("SIGKILL");
  await once(child, "exit");
  shop.remove("running");
  const plan = [shell("slow", [], ["out"], 'echo mine > "$1"')];
  const { events } = await shop.build(plan);
  assert.ok(!events.some(({ type }) => type === "waiting"));
  shop.write("go", "");
  await sleep(100);
  assert.equal(shop.read("out"), "mine\n");
  assert.ok(!existsSync(shop.path("running")));
});

test("a build whose folder is removed while it waits takes the lock of the new one", async (t) => {
  const shop = new Workshop(t);
  const child = await buildElsewhere(shop);
  const second = shop.build([slow]);
  await sleep(50);
  shop.remove(".output");
  child.kill("SIGKILL");
  shop.write("go", "");
  assert.equal((await second).failure, undefined);
  assert.equal(shop.read("out"), "done\n");
});
