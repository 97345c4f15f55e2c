import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, describe, test } from "node:test";
import { copyCheckout } from "./checkout.ts";
import { FreshMachine, type Typed } from "./machine.ts";
import { RECIPES } from "./recipe.ts";
import { rootsDir } from "./root.ts";

// The README's two commands, typed on machines that have what the README asks for and nothing else.
const CLONE = "/root/create-bpf-app";

for (const recipe of RECIPES) {
  describe(`on a bare ${recipe.name}`, async () => {
    const machine = await FreshMachine.open(recipe.name);
    after(() => machine[Symbol.dispose]());
    for (const note of machine.root.notes) console.log(note);
    copyCheckout(machine.path(CLONE));

    test("npm run quickstart", async () => {
      const typed = await machine.type("npm run quickstart", { cwd: CLONE, minutes: 10 });
      succeeded(typed);
      assert.match(typed.output, /^Installing clang, .*make/m, "says which system packages it installs");
      assert.ok((typed.output.match(/^.*BPF triggered from PID \d+/gm) ?? []).length >= 2, typed.output);
      assert.match(typed.output, /^That was demo\/dist\/\S+: one file of \d+ MB/m);
      // A machine without tracefs gets one, and its user is told so. Nothing else stays.
      const tracefs = recipe.tracefs ? [] : ["tracefs /sys/kernel/tracing tracefs rw,relatime 0 0"];
      assert.deepEqual(typed.mounts, tracefs);
      assert.deepEqual(typed.processes, []);
      assert.deepEqual(typed.temporary, []);
    });

    // The programs of the stage `live` know their own process by the id that the kernel has for it.
    const stages = recipe.stages.join(" ");
    test(`npm test, as its stages ${stages}`, async () => {
      const typed = await machine.type(`npm test -- ${stages}`, { cwd: CLONE, minutes: 20, hostPids: true });
      succeeded(typed);
      for (const stage of recipe.stages) assert.match(typed.output, new RegExp(`^── ${stage}: ok`, "m"));
      assert.deepEqual(typed.processes, []);
      assert.deepEqual(typed.temporary, []);
    });

    test("the clone has nothing in it that git would ask about", async () => {
      const typed = await machine.type("git status --short", { cwd: CLONE });
      succeeded(typed);
      assert.equal(typed.output, "");
    });

    test("nothing of it is mounted on the machine beside it", () => {
      const mounts = readFileSync("/proc/self/mountinfo", "utf8");
      assert.ok(!mounts.includes(rootsDir()), mounts);
    });
  });
}

function succeeded({ status, output }: Typed): void {
  const failures = output.split("\n").filter((line) => /✖|FAILED/.test(line));
  const said = [...failures, "…", output.slice(-6000)].join("\n");
  assert.equal(status, 0, `ended with ${status}; what failed, and its last lines:\n${said}`);
}
