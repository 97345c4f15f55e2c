import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first.
describe("minimal_legacy", () => {
  it("sees its own writes", async () => {
    await using app = runApp("minimal_legacy");
    const [, pid] = await app.saw(/^Writing one byte a second as PID (\d+)/m);
    assert.equal(Number(pid), app.pid);
    const [line] = await app.saw(/^.*BPF triggered.*$/m);
    assert.match(line, new RegExp(`-${pid} .*: BPF triggered from PID ${pid}\\.`));
    assert.equal(await app.stop(), 0);
  });

  it("ends after --duration", async () => {
    await using app = runApp("minimal_legacy", ["--duration", "0.2"]);
    assert.equal(await app.exit(), 0);
  });
});
