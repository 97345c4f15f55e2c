import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type TestContext, test } from "node:test";
import { childWasKilled, outOfMemoryKills } from "../../toolchain/src/run/memory.ts";

/** A machine's files, as far as they are looked at. */
function machine(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  t.after(() => rmSync(root, { recursive: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

const events = (count: number) => `low 0\nhigh 0\nmax 9\noom 9\noom_kill ${count}\noom_group_kill 0\n`;
const vmstat = { "proc/vmstat": "pgfault 7\noom_kill 99\n" };

test("kills are counted in this process's own control group", (t) => {
  const root = machine(t, {
    ...vmstat,
    "proc/self/cgroup": "0::/user.slice/session-2.scope\n",
    "sys/fs/cgroup/user.slice/memory.events": events(5),
    "sys/fs/cgroup/user.slice/session-2.scope/memory.events": events(3),
  });
  assert.equal(outOfMemoryKills(root), 3);
});

test("a group without an account of its own is part of the one above", (t) => {
  const root = machine(t, {
    ...vmstat,
    "proc/self/cgroup": "0::/a/b/c\n",
    "sys/fs/cgroup/a/memory.events": events(4),
    "sys/fs/cgroup/a/b/c/cgroup.procs": "",
  });
  assert.equal(outOfMemoryKills(root), 4);
});

test("control groups of version 1 have the count elsewhere", (t) => {
  const control = "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n";
  const hybrid = "5:devices:/\n4:cpu,memory:/docker/1\n0::/\n";
  const host = machine(t, {
    ...vmstat,
    "proc/self/cgroup": hybrid,
    "sys/fs/cgroup/memory/docker/1/memory.oom_control": control,
  });
  assert.equal(outOfMemoryKills(host), 2);
  const container = machine(t, {
    ...vmstat,
    "proc/self/cgroup": hybrid,
    "sys/fs/cgroup/memory/memory.oom_control": control,
  });
  assert.equal(outOfMemoryKills(container), 2);
});

test("without control groups the machine's count is taken, and without any there is none", (t) => {
  assert.equal(outOfMemoryKills(machine(t, { ...vmstat, "proc/self/cgroup": "0::/\n" })), 99);
  assert.equal(outOfMemoryKills(machine(t, vmstat)), 99);
  assert.equal(outOfMemoryKills(machine(t, {})), 0);
});

test("tools say that a child of theirs was killed", (t) => {
  const root = machine(t, { Makefile: "all:\n\tkill -9 $$$$\n" });
  const run = (program: string, ...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, args, {
      cwd: root,
      encoding: "utf8",
      env: { ...process.env, LC_ALL: "C" },
    });
    assert.notEqual(status, 0);
    return { status: status!, text: stdout + stderr };
  };
  const make = run("make");
  assert.ok(childWasKilled(make.status, make.text), make.text);
  for (const shell of ["sh", "bash"]) {
    const { status, text } = run(shell, "-c", "sh -c 'kill -9 $$'; exit 4");
    assert.ok(childWasKilled(status, text), text);
    assert.ok(childWasKilled(run(shell, "-c", "sh -c 'kill -9 $$'; exit $?").status, ""));
  }
  for (const text of [
    "gcc: fatal error: Killed signal terminated program cc1\ncompilation terminated.\n",
    "collect2: fatal error: ld terminated with signal 9 [Killed]\ncompilation terminated.\n",
    "clang: error: unable to execute command: Killed\nclang: error: linker command failed due to signal\n",
  ])
    assert.ok(childWasKilled(1, text), text);
});

test("a compile error about something that is named so does not say that", () => {
  const text = `bad.c:1:27: error: use of undeclared identifier 'Killed'
char *state = "x] Killed"; int main(void) { return Killed; }
                                                   ^
1 error generated.
`;
  assert.ok(!childWasKilled(1, text));
});
