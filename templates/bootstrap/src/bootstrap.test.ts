import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { describe, it } from "node:test";
import { type AppRun, runApp } from "bpf-app/testing";

/** Runs a shell command to its end. */
async function shell(command: string): Promise<number> {
  const child = spawn("/bin/sh", ["-c", command], { stdio: "ignore" });
  await once(child, "exit");
  return child.pid ?? -1;
}

/** The events of one process. */
async function seen(app: AppRun, pid: number) {
  const exit = await app.event((e) => e.event === "exit" && e.pid === pid);
  const exec = app.events().find((e) => e.event === "exec" && e.pid === pid);
  return { exec, exit };
}

// Run as root, by `npm test`, which builds first.
describe("bootstrap", () => {
  it("sees a program begin and end", async () => {
    await using app = runApp("bootstrap", ["--pid", String(process.pid)]);
    await app.saw(/^Tracing/m);
    const { exec, exit } = await seen(app, await shell("sleep 0.05; exit 7"));
    assert.equal(exec?.filename, "/bin/sh");
    assert.equal(exec.comm, "sh");
    assert.equal(exec.ppid, process.pid);
    assert.equal(exit.ppid, process.pid);
    assert.equal(exit.exit_code, 7);
    assert.equal(exit.signal, 0);
    assert.ok(Number(exit.duration_ms) >= 50, `lived for ${exit.duration_ms} ms`);
    assert.equal(await app.stop(), 0);
  });

  it("tells the signal that ended a process", async () => {
    await using app = runApp("bootstrap", ["--pid", String(process.pid)]);
    await app.saw(/^Tracing/m);
    const { exit } = await seen(app, await shell("kill -KILL $$"));
    assert.equal(exit.signal, 9);
    assert.equal(exit.exit_code, 0);
    assert.equal(await app.stop("SIGTERM"), 0);
  });

  it("leaves out what was shorter than --min-duration", async () => {
    await using app = runApp("bootstrap", ["--pid", String(process.pid), "--min-duration", "300"]);
    await app.saw(/^Tracing/m);
    const short = await shell("exit 0");
    const { exec, exit } = await seen(app, await shell("sleep 0.5"));
    assert.equal(exec, undefined);
    assert.ok(Number(exit.duration_ms) >= 500);
    assert.ok(!app.events().some((e) => e.pid === short));
    assert.equal(await app.stop(), 0);
  });

  it("refuses what is no number", async () => {
    await using app = runApp("bootstrap", ["--min-duration", "1s"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"1s"/);
  });
});
