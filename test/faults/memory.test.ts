// A build in a control group with little memory, so that the kernel really ends processes. Needs root.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from "node:fs";
import { type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Tool } from "../../toolchain/src/host/tool.ts";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { shell, Workshop } from "../run/workshop.ts";

const FIRST = existsSync("/sys/fs/cgroup/memory");
const GROUPS = FIRST ? "/sys/fs/cgroup/memory" : "/sys/fs/cgroup";
/** Takes more memory than there is, and is what the kernel ends first, rather than this test. */
const HUNGRY = `echo 1000 > /proc/self/oom_score_adj; dd if=/dev/zero of=/dev/null bs=900M count=1`;

/** Puts this process, and with it what it builds, into a control group of little memory until the test's end. */
function scarceMemory(t: TestContext): void {
  const own = readFileSync("/proc/self/cgroup", "utf8");
  const home = (FIRST ? /^\d+:memory:(.*)$/m : /^0::(.*)$/m).exec(own)![1]!;
  const group = `${GROUPS}/bpf-app-test-${process.pid}`;
  if (!FIRST) writeFileSync(`${GROUPS}/cgroup.subtree_control`, "+memory");
  mkdirSync(group);
  writeFileSync(`${group}/${FIRST ? "memory.limit_in_bytes" : "memory.max"}`, "300000000");
  if (!FIRST) writeFileSync(`${group}/memory.swap.max`, "0");
  writeFileSync(`${group}/cgroup.procs`, `${process.pid}`);
  t.after(() => {
    writeFileSync(`${GROUPS}${home}/cgroup.procs`, `${process.pid}`);
    rmdirSync(group);
  });
}

test("a command that the kernel kills for want of memory is told from one that others kill", async (t) => {
  const shop = new Workshop(t);
  scarceMemory(t);
  const { failure } = await shop.build([shell("hungry", [], ["o"], `${HUNGRY}; exit $?`)]);
  assert.ok(failure?.kind === "step-killed", JSON.stringify(failure));
  assert.ok(failure.memory);
  const murdered = await shop.build([shell("murdered", [], ["o"], "kill -9 $$")]);
  assert.ok(murdered.failure?.kind === "step-killed" && !murdered.failure.memory);
});

test("make whose compiler is killed is told too, though it ends with a code", async (t) => {
  const shop = new Workshop(t);
  shop.write("Makefile", `all:\n\t@${HUNGRY.replace("dd", "exec dd")}\n`);
  const make: Tool = { name: "make", path: "/usr/bin/make", version: "", identity: "make 1" };
  const step: Step = { ...shell("make", ["Makefile"], ["o"], ""), argv: ["make", "-s"], tools: [make] };
  scarceMemory(t);
  const { failure } = await shop.build([step]);
  assert.ok(failure?.kind === "step-killed", JSON.stringify(failure));
  assert.match(failure.text, /make: \*\*\* .* Killed/);
  assert.ok(failure.memory);
});

test("a compile error beside which the kernel kills something else is a compile error", async (t) => {
  const shop = new Workshop(t);
  shop.write("bad.c", "int main(void) { return Killed; }\n");
  const script = "touch began; until [ -e over ]; do sleep 0.01; done; cc -c bad.c";
  scarceMemory(t);
  const building = shop.build([shell("compile", ["bad.c"], ["o"], script)]);
  while (!existsSync(shop.path("began"))) await sleep(5);
  // It belongs to the same control group, as another step of the build would.
  const other = spawnSync("sh", ["-c", HUNGRY.replace("dd", "exec dd")], { encoding: "utf8" });
  assert.equal(other.signal, "SIGKILL", other.stderr);
  shop.write("over", "");
  const { failure } = await building;
  assert.ok(failure?.kind === "step-failed", JSON.stringify(failure));
  assert.match(failure.text, /bad\.c:1:.*Killed/);
});
