// `bpf-app check` on this machine's own kernel, as a user runs it.
import assert from "node:assert/strict";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { App, type Ran, run } from "./app.ts";

let app: App;
before(() => {
  app = App.make("minimal");
  cpSync(join(import.meta.dirname, "check/sides.bpf.c"), app.path("src/sides.bpf.c"));
});

function check(...args: readonly string[]): Ran {
  const cli = app.path("node_modules/bpf-app/dist/cli.js");
  return run(app.dir, [process.execPath, cli, "check", ...args]);
}

/** Changes the program of the tests. */
function edit(from: string, to: string): void {
  const file = app.path("src/sides.bpf.c");
  const text = readFileSync(file, "utf8");
  assert.ok(text.includes(from), from);
  writeFileSync(file, text.replace(from, to));
}

test("each program has its verdict, and one that is refused hides no other", () => {
  const { status, stdout, stderr } = check("sides", "minimal");
  assert.equal(status, 1, stderr);
  const table = stdout.slice(stdout.indexOf("Linux "));
  for (const [name, row] of [
    ["good", /tp\/syscalls\/sys_enter_getpgid +accepted +\d+ +\d+ +[\d+]+$/],
    ["bad", /tp\/syscalls\/sys_enter_getpgid +rejected/],
    ["loops", /tp\/\S+ +accepted/],
    ["nowhere", /fentry\/no_such_function +skipped$/],
    ["later", /fentry +skipped$/],
    ["optional", /\?raw_tp\/sys_enter +accepted/],
  ] as const)
    assert.match(table, new RegExp(`^  sides +${name} +${row.source}`, "m"), table);
  assert.match(table, /^ {2}minimal +handle_tp .* accepted/m);
  assert.match(
    table,
    /^rejected: sides, bad\n[\s\S]*\n {4}src\/sides\.bpf\.c:(\d+)\n[\s\S]*> \1 \| \t\*value \+= 1;/m,
  );
  assert.match(table, /compare it with NULL before it is used/);
  assert.match(table, /^skipped: sides, nowhere: this kernel has no no_such_function to attach to$/m);
  assert.match(table, /^skipped: sides, later: .* the app sets it before load$/m);
  assert.match(table, /^7 programs: 4 accepted, 1 rejected, 2 skipped\n$/m);
  assert.ok(!stdout.includes("\x1b"), "no colours in a pipe");
});

test("after a change it says how many instructions more or less there are, and as JSON everything", () => {
  edit("*value += 1; /* may be NULL */", "if (value)\n\t\t*value += 1;");
  edit(
    "e->pid = bpf_get_current_pid_tgid() >> 32;",
    "e->pid = (bpf_get_current_pid_tgid() >> 32) * bpf_get_prandom_u32();",
  );
  const { status, stdout, stderr } = check("sides", "--json");
  assert.equal(status, 0, stdout + stderr);
  const { refused, kernels } = JSON.parse(stdout);
  assert.equal(refused, false);
  const [{ release, programs }] = kernels;
  assert.equal(release, run(app.dir, ["uname", "-r"]).stdout.trim());
  const of = (name: string) => programs.find((one: { name: string }) => one.name === name);
  assert.ok(of("good").change > 0, JSON.stringify(of("good")));
  assert.equal(of("optional").change, 0);
  assert.equal(of("bad").verdict, "accepted");
  assert.equal(of("bad").change, undefined, "it was never accepted before");
  assert.ok(of("bad").stats.insns > 0);
  assert.match(stderr, /BPF {6}sides\.tmp\.bpf\.o/, "the build is told beside the JSON");
});

test("what does not compile is said before any program is loaded, and the counts stay", () => {
  const before = readFileSync(app.path(".output/check.json"), "utf8");
  edit("int good(void *ctx)\n{", "int good(void *ctx)\n{\n\tmistake;");
  const { status, stdout, stderr } = check();
  assert.equal(status, 1);
  assert.match(stdout + stderr, /src\/sides\.bpf\.c:\d+:\d+: error: .*mistake/);
  assert.doesNotMatch(stdout, /PROGRAM/);
  assert.equal(readFileSync(app.path(".output/check.json"), "utf8"), before);
  assert.ok(!existsSync("/sys/fs/bpf/rb"));
});
