// Verbs that are typed in a folder below the app's own.
import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith, MINIMAL } from "../app.ts";
import { appWithSources, bpfApp, programs } from "./run.ts";

const PATH = `${programs({ sudo: 'exec "$@"' })}:/usr/bin:/bin`;
const entering = (app: string) => `bpf-app: Entering directory '${app}'\n`;

test("build works on the app that src belongs to, and says so, as make does; paths are the app's", () => {
  const app = appWithSources();
  const below = bpfApp(join(app, "src"), ["build"], { PATH });
  assert.deepEqual({ status: below.status, stderr: below.stderr }, { status: 0, stderr: entering(app) });
  assert.match(below.stdout, /SEA +dist\/minimal\n/);
  assert.ok(existsSync(join(app, "dist/minimal")));
  assert.deepEqual(readdirSync(join(app, "src")), ["minimal.bpf.c", "minimal.ts"]);
  // It is the same build: for one that is given in the app's folder the libraries are there.
  assert.doesNotMatch(bpfApp(app, ["build"], { PATH }).stdout, /LIB|HEADERS/);
});

test("a path that is typed below the app is meant from there, and the same file means the same build", () => {
  const app = appWithSources();
  writeFileSync(join(app, "src/minimal.bpf.c"), '#include "vmlinux.h"\n');
  writeFileSync(join(app, "mine.h"), "struct mine;\n");
  const step = (folder: string, setting: string) => {
    const { stdout } = bpfApp(folder, ["build", "--plan=json", setting], { PATH });
    const { steps } = JSON.parse(stdout) as { steps: { id: string }[] };
    return steps.find(({ id }) => id === "vmlinux");
  };
  const typed = step(app, "VMLINUX=mine.h");
  assert.match(JSON.stringify(typed), /"mine\.h"/);
  assert.deepEqual(step(join(app, "src"), "VMLINUX=../mine.h"), typed);
  const other = programs({ clang: "exit 7" });
  const failing = bpfApp(join(app, "src"), ["build", `CLANG=../../${other.split("/").at(-1)}/clang`], {
    PATH,
  });
  assert.match(failing.stderr, /ended with code 7/);
});

test("start runs the app where it was typed", () => {
  const app = appWithSources();
  writeFileSync(join(app, "src/minimal.ts"), "console.log(process.cwd());\n");
  mkdirSync(join(app, "data"));
  const { stdout, stderr } = bpfApp(join(app, "data"), ["start"], { PATH });
  assert.equal(stderr, entering(app));
  assert.ok(stdout.endsWith(`\n${join(app, "data")}\n`), stdout);
});

test("clean and add work on it too; what needs no app says nothing of it", () => {
  const app = folderWith({ ...MINIMAL, ".output/x": "" });
  const src = join(app, "src");
  assert.deepEqual(bpfApp(src, ["clean"]), {
    status: 0,
    stdout: "  CLEAN    .output\n",
    stderr: entering(app),
  });
  assert.equal(bpfApp(src, ["add", "hello"]).status, 0);
  assert.ok(existsSync(join(src, "hello.bpf.c")));
  assert.equal(bpfApp(src, ["settings"]).stderr, "");
});

test("a package beside the app's sources is not taken for the app", () => {
  const app = folderWith({ ...MINIMAL, "tools/package.json": "{}", "dist/minimal": "" });
  const { status, stderr } = bpfApp(join(app, "tools"), ["clean"]);
  assert.equal(status, 1);
  assert.ok(stderr.includes(`${join(app, "tools")} is not an app, and lies in none`), stderr);
  assert.ok(existsSync(join(app, "dist/minimal")));
});
