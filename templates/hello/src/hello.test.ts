import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first.
describe("hello", () => {
  it("says hello when a program is executed", async () => {
    await using app = runApp("hello");
    await app.saw(/^Say hello/m);
    execFileSync("true");
    await app.saw(/Hello, World!/);
    assert.equal(await app.stop(), 0);
  });

  it("refuses what is no number of seconds", async () => {
    await using app = runApp("hello", ["--duration", "soon"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"soon" is no number of seconds/);
  });
});
