import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first.
describe("execve", () => {
  it("sees a shell start a program, with the message that the kernel side was given", async () => {
    await using app = runApp("execve", ["--message", "Grüße"]);
    await app.saw(/^Tracing/m);
    // The shell forks, and its child calls execve(). Without the `exit` the shell would call it without forking.
    const shell = spawn("/bin/sh", ["-c", "/bin/true; exit 0"], { stdio: "ignore" });
    await once(shell, "exit");
    const event = await app.event((e) => e.ppid === shell.pid);
    assert.notEqual(event.pid, shell.pid);
    assert.equal(event.comm, "sh");
    assert.equal(event.message, "Grüße");
    assert.equal(await app.stop(), 0);
  });

  it("ends after --duration", async () => {
    await using app = runApp("execve", ["--duration", "0.2"]);
    assert.equal(await app.exit(), 0);
  });

  it("refuses a message that does not fit", async () => {
    await using app = runApp("execve", ["--message", "x".repeat(32)]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /up to 31 bytes/);
  });
});
