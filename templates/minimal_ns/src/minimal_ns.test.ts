import assert from "node:assert/strict";
import { statSync } from "node:fs";
import { describe, it } from "node:test";
import { AppRun, runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first.
describe("minimal_ns", () => {
  it("sees its own writes", async () => {
    await using app = runApp("minimal_ns");
    const { ino } = statSync("/proc/self/ns/pid");
    await app.saw(new RegExp(`^Writing one byte a second as PID ${app.pid} of namespace ${ino};`, "m"));
    await app.saw(new RegExp(`-\\d+ .*: BPF triggered from PID ${app.pid}, on the host \\d+\\.`));
    assert.equal(await app.stop(), 0);
  });

  it("sees its own writes in a namespace, where it is PID 1", async () => {
    const flags = ["--pid", "--fork", "--mount-proc", "dist/minimal_ns", "--duration", "5"];
    await using app = new AppRun("unshare", flags, {});
    await app.saw(/^Writing one byte a second as PID 1 of namespace/m);
    const [, id, host] = await app.saw(/-(\d+) .*: BPF triggered from PID 1, on the host (\d+)\./);
    assert.equal(id, host);
    assert.notEqual(host, "1");
    assert.equal(await app.exit(), 0);
  });
});
