import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { before, describe, it } from "node:test";
import { App, hash, run, runUntil } from "./app.ts";

/** The kernel's lines come through tracefs, which containers lack. */
function mountTracefs(): void {
  if (existsSync("/sys/kernel/tracing/trace_pipe")) return;
  assert.equal(
    run("/", ["mount", "-t", "tracefs", "tracefs", "/sys/kernel/tracing"]).status,
    0,
    "tracefs cannot be mounted",
  );
}

describe("an app from the template minimal", () => {
  let app: App;
  before(() => {
    mountTracefs();
    app = App.make("minimal");
  });

  it("builds into one file, a line a step", () => {
    const { status, stdout, stderr } = app.build();
    assert.equal(status, 0, stderr);
    for (const line of [
      "  BPF      minimal.tmp.bpf.o\n",
      "  GEN-SKEL minimal.skel.h\n",
      "  SEA      dist/minimal\n",
    ]) {
      assert.ok(stdout.includes(line), `${line} is missing in:\n${stdout}`);
    }
    // No tool of others says a word, and nothing has colours.
    const strange = stdout.split("\n").filter((line) => !/^( {2}[A-Z][A-Z-]* +\S+)?$/.test(line));
    // It is said where it is decided, and not where another app's result is taken out of the cache.
    const note =
      "note: The file holds the data of these languages: en. LOCALES=de,fr or LOCALES=all keeps more.";
    assert.deepEqual(
      strange.filter((line) => line !== note),
      [],
    );
    assert.ok(statSync(app.path("dist/minimal")).mode & 0o100);
  });

  it("shows the kernel's line with its own PID, and ends on ^C with status 0", async () => {
    const ended = await runUntil(app.dir, [app.path("dist/minimal")], /BPF triggered from PID \d+/);
    const pid = /as PID (\d+)/.exec(ended.stdout + ended.stderr)?.[1];
    assert.ok(pid, ended.stdout + ended.stderr);
    assert.match(ended.stdout, new RegExp(`bpf_trace_printk: BPF triggered from PID ${pid}\\.`));
    assert.equal(ended.status, 0, ended.stderr);
  });

  it("needs no library but glibc's and what Node needs", () => {
    const needed =
      run(app.dir, ["objdump", "-p", app.path(".output/minimal.node")]).stdout.match(/NEEDED\s+\S+/g) ?? [];
    const names = needed.map((line) => line.split(/\s+/)[1]!);
    assert.ok(names.length > 0);
    for (const name of names)
      assert.match(name, /^(libstdc\+\+\.so\.6|libgcc_s\.so\.1|libc\.so\.6|libm\.so\.6|ld-linux-\S+)$/);
  });

  it("does nothing the second time", () => {
    const { status, stdout } = app.build();
    assert.equal(status, 0);
    assert.equal(stdout, "");
  });

  it("has types that tsc accepts", () => {
    const { status, stdout } = run(app.dir, ["npm", "run", "--silent", "typecheck"]);
    assert.equal(status, 0, stdout);
  });

  it("says what is wrong with C in clang's words first", () => {
    const source = readFileSync(app.path("src/minimal.bpf.c"), "utf8");
    appendFileSync(app.path("src/minimal.bpf.c"), "\nint broken(void) { return undeclared; }\n");
    const before = hash(app.path("dist/minimal"));
    const { status, stdout, stderr } = app.build();
    writeFileSync(app.path("src/minimal.bpf.c"), source);
    assert.notEqual(status, 0);
    // Steps that have begun may be named between; of what compilers write, these are the first words.
    const [first] = stdout.split("\n").filter((line) => !/^ {2}[A-Z]/.test(line));
    assert.match(
      first ?? "",
      /^src\/minimal\.bpf\.c:\d+:\d+: error: use of undeclared identifier 'undeclared'/,
    );
    assert.match(stderr, /bpf:minimal failed/);
    assert.doesNotMatch(stderr, /\n\s+at /);
    assert.equal(hash(app.path("dist/minimal")), before, "what was built before is still there");
  });

  it("says what is wrong with TypeScript, with its place", () => {
    const source = readFileSync(app.path("src/minimal.ts"), "utf8");
    appendFileSync(app.path("src/minimal.ts"), "\nconst = 1;\n");
    const { status, stderr } = app.build();
    writeFileSync(app.path("src/minimal.ts"), source);
    assert.equal(status, 1);
    assert.match(stderr, /src\/minimal\.ts:\d+:\d+: /);
  });

  const wrong: [string, string[], RegExp][] = [
    ["an unknown target", ["minmal"], /There is no target minmal\.\n {2}Did you mean minimal\?/],
    ["an unknown setting", ["CLAGN=x"], /There is no setting CLAGN\.\n {2}Did you mean CLANG\?/],
    ["an unknown option", ["--frobnicate"], /has no option --frobnicate/],
    [
      "a clang that is not there",
      ["CLANG=clang-99"],
      /clang-99 was not found\.[\s\S]*apt-get install -y clang/,
    ],
  ];
  for (const [what, args, message] of wrong) {
    it(`names ${what} and what to do`, () => {
      const { status, stderr } = app.build(args);
      assert.equal(status, 1);
      assert.match(stderr, message);
      assert.doesNotMatch(stderr, /\n\s+at /);
    });
  }

  it("names a tool that is too old", () => {
    mkdirSync(app.path("old"));
    writeFileSync(app.path("old/clang"), `#!/bin/sh\necho "clang version 9.0.1"\n`, { mode: 0o755 });
    const { status, stderr } = app.build([`CLANG=${app.path("old/clang")}`]);
    rmSync(app.path("old"), { recursive: true });
    assert.equal(status, 1);
    assert.match(
      stderr,
      /clang is too old\.\n {2}It reports: clang version 9\.0\.1\. Version 11 or newer is needed/,
    );
  });

  it("names sources that are not there", () => {
    renameSync(app.path("vendor/libbpf"), app.path("vendor/moved"));
    const { status, stderr } = app.build();
    renameSync(app.path("vendor/moved"), app.path("vendor/libbpf"));
    assert.equal(status, 1);
    assert.match(stderr, /sources of libbpf are missing\.[\s\S]*git checkout -- vendor\/libbpf/);
  });

  it("takes another template's program and builds that alone when named", async () => {
    assert.equal(run(app.dir, ["npx", "bpf-app", "add", "hello"]).status, 0);
    const again = run(app.dir, ["npx", "bpf-app", "add", "hello"]);
    assert.notEqual(again.status, 0);
    assert.match(again.stderr, /hello/);
    const { status, stdout, stderr } = app.build(["hello"]);
    assert.equal(status, 0, stderr);
    assert.match(stdout, / {2}SEA {6}dist\/hello/);
    assert.doesNotMatch(stdout, /minimal/);
    const timer = setInterval(() => run("/", ["/bin/true"]), 300);
    const ended = await runUntil(app.dir, [app.path("dist/hello")], /bpf_trace_printk: Hello/i);
    clearInterval(timer);
    assert.match(ended.stdout, /bpf_trace_printk: Hello/i);
    assert.equal(ended.status, 0, ended.stderr);
  });

  it("draws its plan and says why steps run", () => {
    assert.match(
      run(app.dir, ["npx", "bpf-app", "build", "--plan"]).stdout,
      /^libelf\n {2}makes {4}\.output\/libelf\.a/,
    );
    assert.match(
      run(app.dir, ["npx", "bpf-app", "build", "--plan", "png"]).stderr,
      /--plan takes one of text, json/,
    );
    const plan = JSON.parse(run(app.dir, ["npx", "bpf-app", "build", "--plan", "json"]).stdout);
    assert.ok(plan.steps.length > 20);
    assert.match(
      run(app.dir, ["npx", "bpf-app", "build", "-n"]).stdout,
      /BPF {6}minimal\.tmp\.bpf\.o +is up to date/,
    );
  });

  it("runs in plain Node during development", async () => {
    const ended = await runUntil(
      app.dir,
      ["node_modules/.bin/bpf-app", "dev", "--once", "minimal"],
      /BPF triggered from PID \d+/,
    );
    assert.match(ended.stdout, /BPF triggered from PID \d+/, ended.stderr);
  });

  it("has clean remove what builds made, and nothing else", () => {
    writeFileSync(app.path("dist/notes.txt"), "mine");
    assert.equal(run(app.dir, ["npm", "run", "--silent", "clean"]).status, 0);
    assert.ok(!existsSync(app.path(".output")) && !existsSync(app.path("dist/minimal")));
    assert.equal(readFileSync(app.path("dist/notes.txt"), "utf8"), "mine");
  });
});
