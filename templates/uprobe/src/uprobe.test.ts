import assert from "node:assert/strict";
import { getPriority } from "node:os";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first.
describe("uprobe", () => {
  it("shows its own calls, and what they return", async () => {
    await using app = runApp("uprobe", ["--json"]);
    await app.saw(/^Tracing getpriority and setpriority/m);
    const priority = getPriority(app.pid);
    const mine = { pid: app.pid, comm: (await app.event((e) => e.pid === app.pid)).comm };

    const get = { ...mine, function: "getpriority" };
    await app.event((e) => e.pid === app.pid && e.function === "setpriority" && e.event === "return");
    const events = app.events().filter((e) => e.pid === app.pid);
    assert.deepEqual(events.slice(0, 4), [
      // PRIO_PROCESS is 0.
      { ...get, event: "call", arg1: 0, arg2: app.pid },
      { ...get, event: "return", result: priority },
      { ...mine, function: "setpriority", event: "call", arg1: 0, arg2: app.pid, arg3: priority },
      { ...mine, function: "setpriority", event: "return", result: 0 },
    ]);
    assert.equal(await app.stop(), 0);
  });

  it("sees the calls of other processes", async () => {
    await using app = runApp("uprobe", ["--pid", String(process.pid)]);
    await app.saw(/^Tracing/m);
    const call = await app.event(
      (e) => e.event === "call",
      () => getPriority(1),
    );
    assert.equal(call.function, "getpriority");
    assert.equal(call.arg2, 1);
    await app.event((e) => e.event === "return" && e.result === getPriority(1));
    assert.ok(app.events().every((e) => e.pid === process.pid));
    assert.equal(await app.stop("SIGTERM"), 0);
  });

  it("traces a function that is named, in one process", async () => {
    await using app = runApp("uprobe", ["--function", "getpriority", "--pid", String(process.pid)]);
    await app.saw(/^Tracing getpriority/m);
    const call = await app.event(
      (e) => e.event === "call",
      () => getPriority(process.pid),
    );
    assert.equal(call.pid, process.pid);
    assert.match(String(call.arg2), new RegExp(`${process.pid.toString(16)}$`));
    assert.equal(await app.stop(), 0);
  });

  it("says that a file has no such function", async () => {
    await using app = runApp("uprobe", ["--function", "no_such_function"]);
    assert.equal(await app.exit(), 1);
    assert.match(app.stderr, /no_such_function/);
  });
});
