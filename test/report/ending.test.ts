// How a build ends that is not let finish: at once, and with all that it has started.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { folderWith } from "../app.ts";
import { appWithSources, CLI, PLAIN, programs, SCRIPTS } from "../cli/run.ts";
import { HUNG_AFTER_MS } from "../hung.ts";
import { atTerminal } from "../terminal.ts";

/** A make that would take ten minutes for some of its work, and the processes that are at it. */
function slowMake(work = "*"): { readonly path: string; running(): string[] } {
  const folder = folderWith({});
  symlinkSync("/usr/bin/sleep", join(folder, "slow"));
  const make = `case "$*" in ${work}) exec '${folder}/slow' 600 ;; esac\n${SCRIPTS.make}`;
  const running = () => processesWith(`${folder}/slow`);
  // A test that fails leaves none behind either.
  after(() => {
    for (const pid of running()) process.kill(Number(pid), "SIGKILL");
  });
  return { path: `${programs({ make })}:/usr/bin:/bin`, running };
}

function processesWith(text: string): string[] {
  return readdirSync("/proc").filter((name) => {
    if (!/^\d+$/.test(name)) return false;
    try {
      return readFileSync(join("/proc", name, "cmdline"), "utf8").includes(text);
    } catch {
      // It has ended.
      return false;
    }
  });
}

test("^C at a terminal ends a build", async () => {
  const { path, running } = slowMake();
  const keys = { after: /LIB libelf\.a/, keys: "\x03" };
  const command = [process.execPath, CLI, "build"];
  const seen = await atTerminal(appWithSources(), command, { ...PLAIN, PATH: path }, keys);
  assert.deepEqual(running(), []);
  assert.equal(seen.status, 130, seen.last);
  assert.match(seen.last, /bpf-app: Interrupted/);
  assert.ok(seen.written.lastIndexOf("\x1b[?25h") > seen.written.lastIndexOf("\x1b[?25l"), "no cursor");
});

for (const [signal, status] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)
  test(`${signal} ends a build in a pipe`, async () => {
    const { path, running } = slowMake();
    const child = start(path);
    await once(child.stdout, "data");
    child.kill(signal);
    assert.deepEqual(await ended(child), [status, null]);
    assert.deepEqual(running(), []);
  });

test("a build ends when nobody reads what it prints, as head does after some lines", async () => {
  const { path, running } = slowMake("*SRC=vendor/zlib*");
  const child = start(path);
  await once(child.stdout, "data");
  // While zlib is being made, the line of the next step finds the pipe closed.
  child.stdout.destroy();
  const [status, killer] = await ended(child);
  assert.equal(killer, null, "it did not end by itself");
  assert.notEqual(status, 0);
  assert.deepEqual(running(), []);
});

function start(path: string) {
  return spawn(process.execPath, [CLI, "build", "-j", "2"], {
    cwd: appWithSources(),
    env: { ...process.env, ...PLAIN, PATH: path },
    stdio: ["ignore", "pipe", "ignore"],
    timeout: HUNG_AFTER_MS,
    killSignal: "SIGKILL",
  });
}

async function ended(child: ReturnType<typeof start>): Promise<[number | null, string | null]> {
  return (await once(child, "exit")) as [number | null, string | null];
}
