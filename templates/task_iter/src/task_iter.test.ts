import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first.
describe("task_iter", () => {
  it("lists a process that sleeps, with its stack", async () => {
    const child = spawn("sleep", ["60"]);
    try {
      await using app = runApp("task_iter");
      assert.equal(await app.exit(), 0, app.stderr);
      const task = app.events().find(({ pid }) => pid === child.pid);
      assert.ok(task, "sleep is not listed");
      assert.equal(task.tid, child.pid);
      assert.equal(task.comm, "sleep");
      assert.equal(task.state, "sleeping");
      assert.ok(Number(task.depth) > 0);
      assert.equal((task.stack as string[]).length, task.depth);
    } finally {
      child.kill();
    }
  });

  it("lists the threads of one process", async () => {
    await using app = runApp("task_iter", ["--pid", String(process.pid), "--threads"]);
    assert.equal(await app.exit(), 0, app.stderr);
    const tasks = app.events();
    assert.ok(tasks.length > 1, "Node has several threads");
    assert.ok(tasks.every(({ pid }) => pid === process.pid));
    assert.equal(new Set(tasks.map(({ tid }) => tid)).size, tasks.length);
  });

  it("refuses what is no process id", async () => {
    await using app = runApp("task_iter", ["--pid", "init"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"init" is no process id/);
  });
});
