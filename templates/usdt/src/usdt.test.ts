import assert from "node:assert/strict";
import { execFile, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { promisify } from "node:util";
import { type AppRun, runApp } from "bpf-app/testing";

/** A program that waits for a line of input, and then throws exceptions. */
const SOURCE = `
#include <iostream>
#include <stdexcept>
#include <string>
namespace app { struct Late {}; }
int main() {
  std::string line;
  std::getline(std::cin, line);
  try {
    try { throw std::runtime_error("a test"); } catch (const std::exception&) { throw; }
  } catch (...) {
    try { throw 42; } catch (int) {}
    try { throw app::Late(); } catch (app::Late) {}
  }
}`;

/** What the app shows of that program. */
const SEEN = [
  "throw std::runtime_error",
  "catch std::runtime_error",
  "rethrow std::runtime_error",
  "catch std::runtime_error",
  "throw int",
  "catch int",
  "throw app::Late",
  "catch app::Late",
];

// Run as root, by `npm test`, which builds first. The build has needed a C++ compiler, so there is one.
describe("usdt", () => {
  let folder: string;
  let program: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "usdt-test-"));
    program = join(folder, "thrower");
    writeFileSync(`${program}.cc`, SOURCE);
    execFileSync("c++", ["-o", program, `${program}.cc`]);
  });
  after(() => rmSync(folder, { recursive: true }));

  /** Starts the program, makes it throw when the app is ready, and returns what the app has shown of it. */
  async function seen(start: (pid: number) => AppRun): Promise<string[]> {
    const running = promisify(execFile)(program);
    const pid = running.child.pid ?? -1;
    await using app = start(pid);
    await app.saw(/^Tracing C\+\+ exceptions/m);
    running.child.stdin?.end("go\n");
    await running;
    await app.event((e) => e.pid === pid && e.type === "app::Late" && e.event === "catch");
    assert.equal(await app.stop(), 0);
    const events = app.events().filter((e) => e.pid === pid);
    assert.ok(events.every((e) => e.comm === "thrower"));
    return events.map((e) => `${e.event} ${e.type}`);
  }

  it("shows the exceptions of a program", async () => {
    assert.deepEqual(await seen(() => runApp("usdt", ["--json"])), SEEN);
  });

  it("shows those of one process", async () => {
    assert.deepEqual(await seen((pid) => runApp("usdt", ["--pid", String(pid)])), SEEN);
  });

  it("attaches to a probe that is named", async () => {
    await using app = runApp("usdt", ["--probe", "libstdc++.so.6:libstdcxx:catch"]);
    await app.saw(/^Tracing libstdc\+\+\.so\.6:libstdcxx:catch/m);
    execFileSync(program, { input: "\n" });
    const hit = await app.event((e) => e.comm === "thrower");
    assert.equal(hit.event, "hit");
    // The arguments are the exception and its type.
    assert.match(String(hit.arg1), /^0x[0-9a-f]{6,}$/);
    assert.match(String(hit.arg2), /^0x[0-9a-f]{6,}$/);
    assert.equal(hit.arg3, undefined);
    assert.equal(await app.stop("SIGTERM"), 0);
  });

  it("says that a file has no such probe", async () => {
    await using app = runApp("usdt", ["--probe", "libstdc++.so.6:libstdcxx:no_such_probe"]);
    assert.equal(await app.exit(), 1);
    assert.match(app.stderr, /libstdcxx:no_such_probe.*\n.*nothing of that name/);
  });

  it("refuses what is no probe", async () => {
    await using app = runApp("usdt", ["--probe", "setjmp"]);
    assert.equal(await app.exit(), 2);
    assert.match(app.stderr, /"setjmp" is not FILE:PROVIDER:NAME/);
  });
});
