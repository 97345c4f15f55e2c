import assert from "node:assert/strict";
import {
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
import { folderWith } from "../app.ts";
import { git, redirect } from "../forge/forge.ts";
import { create, identity, offline, signalledWhileGitWaits, strangers } from "./run.ts";

// A repository that a forge has made and somebody has cloned, or a folder that has something in it already.

const FORGES = {
  "README.md": "# Mine\n",
  LICENSE: "Do as you like.\n",
  ".gitignore": "*.log\n/vendor/\n",
  ".gitattributes": "* text=auto\n",
  ".editorconfig": "root = true\n",
  ".vscode/settings.json": "{}\n",
  ".idea/workspace.xml": "<x/>\n",
};

/** A clone with one commit, and one file that is not committed. */
function clone(files: Readonly<Record<string, string>> = FORGES): string {
  const cwd = folderWith(files);
  git(cwd, "init", "--quiet", "-b", "trunk");
  git(cwd, "add", "--force", "README.md", "LICENSE", ".gitignore");
  git(cwd, "commit", "--quiet", "-m", "Initial commit");
  return cwd;
}

/** Every file below a folder with its bytes. What git has as objects is left out: unused ones do nothing. */
function bytes(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return Object.fromEntries(
    files
      .map((one) => join(one.parentPath, one.name))
      .filter((path) => !path.includes("/.git/objects/"))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path, "base64")]),
  );
}

test("an app is made in a clone of a new repository, and committed on top", async () => {
  const cwd = clone();
  writeFileSync(join(cwd, "NOTICE"), "staged by its owner");
  git(cwd, "add", "NOTICE");
  const before = bytes(cwd);
  const run = await create([".", "-t", "hello", "--yes", ...offline], {
    cwd,
    env: { ...strangers(), ...identity },
  });
  assert.deepEqual([run.code, run.stderr], [0, ""]);
  for (const path of [...Object.keys(FORGES), "NOTICE"])
    assert.equal(readFileSync(join(cwd, path), "base64"), before[path], path);
  assert.match(run.stdout, /stay as they are: \.editorconfig, \.gitignore, README\.md\./);
  assert.match(run.stdout, /add node_modules\/.* to \.gitignore/);
  assert.ok(existsSync(join(cwd, ".vscode/extensions.json")), "a folder that is there gets what it lacks");
  assert.equal(
    git(cwd, "log", "--format=%an %s"),
    "Ada Start from create-bpf-app's hello template\nForge Initial commit",
  );
  assert.equal(git(cwd, "branch", "--show-current"), "trunk");
  assert.equal(git(cwd, "submodule", "status").split("\n").length, 2);
  const committed = git(cwd, "ls-tree", "-r", "--name-only", "HEAD").split("\n");
  for (const path of [
    ".gitmodules",
    "package.json",
    "vendor/libbpf",
    "vendor/origins.json",
    "src/hello.bpf.c",
  ])
    assert.ok(committed.includes(path), `${path} is not committed`);
  assert.ok(!committed.includes("NOTICE"), "what its owner had staged is left to its owner");
  assert.equal(git(cwd, "diff", "--cached", "--name-only"), "NOTICE");
  assert.deepEqual(
    readdirSync(cwd).filter((name) => name.startsWith(".create")),
    [],
  );

  // A colleague's clone has the same, by the one command that the app's README would have named.
  const copy = join(folderWith({}), "copy");
  git(cwd, "clone", "--quiet", cwd, copy);
  assert.equal(git(copy, "submodule", "status").split("\n")[0]![0], "-");
});

test("a repository without a commit gets its first one, of the app alone", async () => {
  const cwd = folderWith({ LICENSE: "mine" });
  git(cwd, "init", "--quiet");
  const run = await create([".", ...offline], { cwd, env: { ...strangers(), ...identity } });
  assert.equal(run.code, 0, run.stderr);
  assert.equal(git(cwd, "rev-list", "--count", "HEAD"), "1");
  assert.equal(git(cwd, "status", "--porcelain"), "?? LICENSE");
});

test("with --no-git the repository that is there is left alone", async () => {
  const cwd = clone();
  const before = bytes(join(cwd, ".git"));
  const run = await create([".", "--no-git", ...offline], { cwd, env: { ...strangers(), ...identity } });
  assert.equal(run.code, 0, run.stderr);
  assert.deepEqual(bytes(join(cwd, ".git")), before);
  assert.ok(existsSync(join(cwd, "vendor/zlib/zlib.h")) && !existsSync(join(cwd, "vendor/zlib/.git")));
});

test("a failure leaves the repository and its folder as they were", async () => {
  const cwd = clone();
  const before = bytes(cwd);
  const env = { ...strangers(), ...identity };
  const far = await create([".", "--git", ...offline], { cwd, env: { ...env, ...redirect(9) } });
  assert.equal(far.code, 1);
  assert.deepEqual(bytes(cwd), before);
  // Here everything is at its place already, and the very last command is refused: somebody merges.
  writeFileSync(join(cwd, ".git/MERGE_HEAD"), `${git(cwd, "rev-parse", "HEAD")}\n`);
  const merging = bytes(cwd);
  const last = await create([".", "--git", ...offline], { cwd, env });
  assert.equal(last.code, 1);
  assert.match(last.stderr, /partial commit during a merge/);
  assert.deepEqual(bytes(cwd), merging);
  assert.equal(git(cwd, "rev-list", "--count", "HEAD"), "1");
});

test("^C while git waits leaves the repository and its folder as they were", async () => {
  const cwd = clone();
  const before = bytes(cwd);
  const run = await signalledWhileGitWaits("SIGINT", [".", ...offline], cwd);
  assert.equal(run.code, 130);
  assert.deepEqual(bytes(cwd), before);
});

test("a .git that is no repository is said, and left alone", async () => {
  const cwd = folderWith({ ".git/mine": "mine" });
  const run = await create([".", ...offline], { cwd });
  assert.equal(run.code, 1);
  assert.match(run.stderr, /git cannot read .*\.git\.\n[\s\S]*--no-git/);
  assert.deepEqual(bytes(cwd), { ".git/mine": Buffer.from("mine").toString("base64") });
});

test("a readme of any spelling stands for ours, and a link is not followed out of the folder", async () => {
  const cwd = folderWith({ "app/readme.rst": "mine", "outside/file": "" });
  const run = await create(["app", "--no-git", ...offline], { cwd });
  assert.equal(run.code, 0, run.stderr);
  assert.ok(!existsSync(join(cwd, "app/README.md")));
  assert.match(run.stdout, /This file was there and stays as it is: readme\.rst\./);
  mkdirSync(join(cwd, "linked"));
  symlinkSync("../outside", join(cwd, "linked/src"));
  const linked = await create(["linked", "--force", "--no-git", ...offline], { cwd });
  assert.equal(linked.code, 1);
  assert.match(linked.stderr, /linked\/src has to be a folder and is something else/);
  assert.deepEqual(
    [readdirSync(join(cwd, "linked")), readdirSync(join(cwd, "outside"))],
    [["src"], ["file"]],
  );
});

test("--force adds to a folder with files, and overwrites none", async () => {
  const mine = {
    "package.json": '{ "name": "mine" }\n',
    "src/hello.bpf.c": "/* mine */\n",
    "src/mine.c": "mine\n",
    "vendor/zlib/mine.h": "mine\n",
    "node_modules/mine/index.js": "mine\n",
  };
  const cwd = folderWith(mine);
  const plain = await create([".", "-t", "hello", "--no-git", ...offline], { cwd });
  assert.match(
    plain.stderr,
    /is not empty: it contains node_modules, package\.json, src and 1 more[\s\S]*--force/,
  );
  const before = bytes(cwd);
  // The packages are not installed into what somebody has installed.
  const args = offline.filter((word) => word !== "--no-install");
  const run = await create([".", "-t", "hello", "--force", "--no-git", ...args], { cwd });
  assert.equal(run.code, 0, run.stderr);
  const after = bytes(cwd);
  for (const path of Object.keys(mine)) assert.equal(after[path], before[path], path);
  assert.match(run.stdout, /stay as they are: package\.json, src\/hello\.bpf\.c\./);
  assert.match(run.stdout, /npm install --save-dev --save-exact .*bpf-app@0\.1\.0/);
  assert.ok(
    existsSync(join(cwd, "vendor/libbpf/src/libbpf.c")) && !existsSync(join(cwd, "vendor/zlib/zlib.h")),
  );
  assert.ok(existsSync(join(cwd, "src/hello.ts")));
  // Again, nothing is left to do.
  const all = bytes(cwd);
  const again = await create([".", "-t", "hello", "--force", "--no-git", ...offline], { cwd });
  assert.equal(again.code, 0, again.stderr);
  assert.deepEqual(bytes(cwd), all);
});

test("a folder that exists stays the same folder with its permissions", async () => {
  const cwd = folderWith({ "app/LICENSE": "mine" });
  const before = statSync(join(cwd, "app"));
  await create(["app", "--no-git", ...offline], { cwd });
  const after = statSync(join(cwd, "app"));
  assert.deepEqual([after.ino, after.mode], [before.ino, before.mode]);
});
