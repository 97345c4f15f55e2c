import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first.
describe("minimal", () => {
  it("shows what the BPF program says to its writes", async () => {
    await using app = runApp("minimal");
    const [, pid] = await app.saw(/^Writing one byte a second as PID (\d+)/m);
    await app.saw(new RegExp(`BPF triggered from PID ${pid}\\.`));
    assert.equal(await app.stop(), 0);
  });

  it("ends by itself after --duration, and has shown something by then", async () => {
    await using app = runApp("minimal", ["--duration", "1"]);
    assert.equal(await app.exit(), 0);
    assert.match(app.stdout, /BPF triggered from PID/);
  });

  it("refuses what is no number of seconds", async () => {
    await using app = runApp("minimal", ["--duration", "soon"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"soon" is no number of seconds/);
  });
});
