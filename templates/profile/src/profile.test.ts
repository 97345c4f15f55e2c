import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first.
describe("profile", () => {
  it("meets a process in the kernel, and names where", async () => {
    const child = busy("dd", ["if=/dev/zero", "of=/dev/null", "bs=1M"]);
    await using app = runApp("profile", ["--pid", String(child.pid), "--frequency", "99"]);
    const sample = await app.event(({ kernel }) => (kernel as string[]).length > 0);
    assert.equal(await app.stop(), 0);
    assert.equal(sample.pid, child.pid);
    assert.equal(sample.comm, "dd");
    const kernel = sample.kernel as string[];
    assert.match(String(kernel.at(-1)), /^\w+\+0x[0-9a-f]+$/);
    for (const { pid } of app.events()) assert.equal(pid, child.pid);
  });

  it("meets a process outside of the kernel", async () => {
    const child = busy(process.execPath, ["-e", "for (;;);"]);
    await using app = runApp("profile", ["--pid", String(child.pid), "--frequency", "99"]);
    const sample = await app.event(
      ({ kernel, user }) => (kernel as string[]).length === 0 && (user as string[]).length > 0,
    );
    assert.match(String((sample.user as string[])[0]), /^0x[0-9a-f]+$/);
    assert.equal(await app.stop("SIGTERM"), 0);
  });

  it("counts stacks for flame graphs", async () => {
    const child = busy("dd", ["if=/dev/zero", "of=/dev/null", "bs=1M"]);
    await using app = runApp("profile", ["--pid", String(child.pid), "--frequency", "99", "--folded"]);
    await app.saw(/^Sampling/m);
    await ran(child, 0.3);
    assert.equal(await app.stop(), 0, app.stderr);
    assert.match(app.stdout, /^dd;\S+_\[k\] \d+$/m);
  });

  it("refuses a frequency that is none", async () => {
    await using app = runApp("profile", ["--frequency", "often"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"often" is no whole number/);
  });
});

function busy(command: string, args: readonly string[]): ChildProcess {
  const child = spawn(command, args, { stdio: "ignore" });
  after(() => child.kill());
  return child;
}

/** Waits until a process has used a CPU for this many seconds. */
async function ran(child: ChildProcess, seconds: number): Promise<void> {
  const ticks = () => {
    // The name in parentheses may contain spaces, so the fields are counted from behind it.
    const fields = readFileSync(`/proc/${child.pid}/stat`, "latin1")
      .replace(/^.*\) /, "")
      .split(" ");
    return Number(fields[11]) + Number(fields[12]);
  };
  const end = ticks() + seconds * 100;
  while (ticks() < end) await sleep(50);
}
