import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

const modules = activeModules();
const skip = modules.includes("bpf") ? false : "BPF LSM is not on here; see README.md";

// Run as root, by `npm test`, which builds first.
describe("lsm", () => {
  it("is refused its own bpf() calls, and no more when the program is gone", { skip }, async () => {
    await using app = runApp("lsm");
    await app.saw(/^Refusing bpf\(\) calls of this process/m);
    const event = await app.event(({ verdict }) => verdict === "refused");
    assert.equal(event.pid, app.pid);
    assert.equal(event.command, "BPF_MAP_LOOKUP_ELEM");
    assert.equal(await app.stop(), 0);
    assert.match(app.stderr, /^[1-9]\d* calls of BPF_MAP_LOOKUP_ELEM were refused\.$/m);
  });

  it("leaves other processes alone", { skip }, async () => {
    const idle = spawn("sleep", ["60"]);
    await using refusing = runApp("lsm", ["--pid", String(idle.pid), "--deny"]);
    await refusing.saw(/^Refusing bpf\(\) calls of process/m);
    // Loading a program takes many bpf() calls.
    await using other = runApp("lsm");
    await other.saw(/^Refusing bpf\(\) calls of this process/m);
    assert.equal(await other.stop(), 0);
    assert.equal(await refusing.stop(), 0);
    idle.kill();
    assert.deepEqual(refusing.events(), []);
  });

  it("says where BPF LSM is not on", { skip: skip === false && "BPF LSM is on here" }, async () => {
    await using app = runApp("lsm");
    assert.equal(await app.exit(), 1);
    assert.match(app.stderr, /BPF LSM is not on|cannot load lsm/);
  });

  it("refuses what is no process id", async () => {
    await using app = runApp("lsm", ["--pid", "init"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"init" is no process id/);
  });
});

function activeModules(): string[] {
  try {
    return readFileSync("/sys/kernel/security/lsm", "latin1").trim().split(",");
  } catch {
    return [];
  }
}
