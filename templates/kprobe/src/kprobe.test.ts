import assert from "node:assert/strict";
import { mkdtempSync, rmdirSync, unlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { runApp } from "bpf-app/testing";

// Run as root, by `npm test`, which builds first, on a kernel with kprobes (CONFIG_KPROBE_EVENTS).
describe("kprobe", () => {
  it("sees a file being removed, and one that is not there", async () => {
    await using app = runApp("kprobe", ["--pid", String(process.pid)]);
    await app.saw(/^Tracing (?:do|filename)_unlinkat/m);
    const folder = mkdtempSync(join(tmpdir(), "kprobe-"));
    const file = join(folder, "file");
    writeFileSync(file, "");
    unlinkSync(file);
    assert.throws(() => unlinkSync(file), { code: "ENOENT" });
    rmdirSync(folder);

    await app.event(({ result }) => result === "ENOENT");
    const seen = app.events().map(({ event, pid, filename, result }) => ({ event, pid, filename, result }));
    const { pid } = process;
    assert.deepEqual(seen, [
      { event: "enter", pid, filename: file, result: undefined },
      { event: "leave", pid, filename: undefined, result: 0 },
      { event: "enter", pid, filename: file, result: undefined },
      { event: "leave", pid, filename: undefined, result: "ENOENT" },
    ]);
    assert.equal(await app.stop(), 0);
  });

  it("refuses what is no process id", async () => {
    await using app = runApp("kprobe", ["--pid", "init"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"init"/);
  });
});
