import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first, on a kernel with kprobes (CONFIG_KPROBE_EVENTS).
describe("ksyscall", () => {
  it("sees signals, and what came of them", async () => {
    await using app = runApp("ksyscall", ["--pid", String(process.pid)]);
    await app.saw(/^Tracing signals/m);
    const child = spawn("sleep", ["60"], { stdio: "ignore" });
    assert.ok(child.pid !== undefined, "sleep could not be started");
    process.kill(child.pid, 0);
    process.kill(child.pid, "SIGTERM");
    // Process ids never get as high as this number.
    assert.throws(() => process.kill(0x7fff_fff0, "SIGUSR1"), { code: "ESRCH" });
    await app.event(({ signal }) => signal === "SIGUSR1");
    const seen = app
      .events()
      .map(({ pid, call, signal, target, result }) => ({ pid, call, signal, target, result }));
    const { pid } = process;
    assert.deepEqual(seen, [
      { pid, call: "kill", signal: 0, target: child.pid, result: 0 },
      { pid, call: "kill", signal: "SIGTERM", target: child.pid, result: 0 },
      { pid, call: "kill", signal: "SIGUSR1", target: 0x7fff_fff0, result: "ESRCH" },
    ]);
  });

  it("sees a thread signalled: abort() does that", async () => {
    await using app = runApp("ksyscall");
    await app.saw(/^Tracing signals/m);
    const { execPath } = process;
    const child = spawn(execPath, ["-e", "process.abort()"], { stdio: "ignore" });
    const event = await app.event(({ pid, call }) => pid === child.pid && call === "tgkill");
    assert.equal(event.signal, "SIGABRT");
    assert.equal(event.target, child.pid);
    assert.equal(event.result, 0);
    assert.equal(await app.stop(), 0);
  });
});
