import assert from "node:assert/strict";
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith } from "../app.ts";
import { git } from "../forge/forge.ts";
import { atTerminal, type Keys } from "../terminal.ts";
import { create, forge, identity, MAIN, strangers } from "./run.ts";

// What somebody sees who starts create-bpf-app in a terminal, and what comes of the keys that are typed.

const ENTER = "\r";
const DOWN = "\x1b[B";
const command = (...args: string[]) => [
  ...[process.execPath, MAIN, ...args],
  ...["--toolchain", "0.1.0", "--pins", forge.pins],
];

/** The environment of the tests' own terminal, where nothing says that it is a CI. */
const env = (more: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv => ({
  ...strangers(),
  ...identity,
  CI: undefined,
  NO_COLOR: undefined,
  npm_config_user_agent: undefined,
  ...more,
});

test("it asks for everything, shows the plan, and the files appear", async () => {
  const cwd = folderWith({ "full/file": "" });
  // The install is a stand-in that leaves a mark: the registry has no part in this.
  const bin = folderWith({
    pnpm: '#!/bin/sh\n[ "$1" = --version ] && exec echo 12.0.0\necho lock > pnpm-lock.yaml\n',
  });
  chmodSync(join(bin, "pnpm"), 0o755);
  const typed: Keys[] = [
    { after: /Folder of the app/, keys: `full${ENTER}` },
    { after: /full is not empty/, keys: `\x7f\x7f\x7f\x7fmy tool${ENTER}` },
    { after: /Template[\s\S]*First steps +hello +≥ 5\.8/, keys: "traffic" },
    { after: /● Networking +tc +≥ 5\.8 +Packets at the traffic/, keys: ENTER },
    { after: /Package manager[\s\S]*● npm/, keys: `${DOWN}${ENTER}` },
    { after: /come from[\s\S]*● auto/, keys: `${DOWN}${ENTER}` },
    { after: /Make a git repository with a first commit\?/, keys: ENTER },
    { after: /Install the packages now \(pnpm install\)\?/, keys: ENTER },
  ];
  const seen = await atTerminal(cwd, command(), env({ PATH: `${bin}:${process.env.PATH}` }), typed);
  assert.equal(seen.status, 0, seen.last);
  const app = join(cwd, "my tool");
  assert.ok(existsSync(join(app, "src/tc.bpf.c")) && existsSync(join(app, "vendor/zlib/.git")), seen.last);
  assert.equal(readFileSync(join(app, "pnpm-lock.yaml"), "utf8"), "lock\n");
  assert.equal(git(app, "log", "--format=%s"), "Start from create-bpf-app's tc template");
  assert.equal(git(app, "status", "--porcelain"), "");
  const plan = seen.screens.find((screen) => /Commands:/.test(screen)) ?? "";
  assert.match(plan, /\(tc\), in 'my tool':\n[\s\S]* {2}pnpm install\n {2}git commit/);
  assert.match(seen.last, /Next:\n {2}cd 'my tool'\n {2}pnpm build\n {2}sudo \.\/dist\/tc\n/);

  // The line that it ends with, typed elsewhere, asks nothing and makes the same.
  const line = /The same again: ([\s\S]*)$/.exec(seen.last)![1]!.replaceAll("\n", "");
  assert.match(line, /'my tool' --template tc --pm pnpm --vendor git --git --install --toolchain 0\.1\.0/);
});

test("what an option has said is not asked", async () => {
  const cwd = folderWith({});
  const said = ["tool", "-t", "hello", "--pm", "npm", "--vendor", "git", "--no-install"];
  const typed = { after: /Make a git repository/, keys: `n${ENTER}` };
  const seen = await atTerminal(cwd, command(...said), env(), typed);
  assert.equal(seen.status, 0, seen.last);
  assert.doesNotMatch(seen.written, /Folder of the app|Package manager|come from|Install the packages now/);
  assert.deepEqual(
    [existsSync(join(cwd, "tool/package.json")), existsSync(join(cwd, "tool/.git"))],
    [true, false],
  );
  const all = await atTerminal(cwd, command("other", ...said.slice(1), "--no-git"), env());
  assert.equal(all.status, 0, all.last);
  assert.ok(existsSync(join(cwd, "other/package.json")));
});

test("^C at any question ends with 130, and nothing is written", async () => {
  const cwd = folderWith({});
  const questions = [
    { args: [], after: /Folder of the app/ },
    { args: ["x"], after: /Template/ },
    { args: ["x", "-t", "hello"], after: /Package manager/ },
    { args: ["x", "-t", "hello", "--pm", "npm"], after: /come from/ },
    { args: ["x", "-t", "hello", "--pm", "npm", "--vendor", "git"], after: /git repository/ },
  ];
  for (const { args, after } of questions) {
    const seen = await atTerminal(cwd, command(...args), env(), { after, keys: "\x03" });
    assert.equal(seen.status, 130, seen.last);
    assert.match(seen.last, /Interrupted; nothing was left behind/);
    assert.doesNotMatch(seen.written, /^ +at /m);
  }
  assert.deepEqual(readdirSync(cwd), []);
});

test("a template that no letter matches cannot be taken, and the search goes on", async () => {
  const cwd = folderWith({});
  const args = ["x", "--pm", "npm", "--vendor", "git", "--no-git", "--no-install"];
  const seen = await atTerminal(cwd, command(...args), env(), [
    { after: /Search:/, keys: "qqqq" },
    { after: /qqqq/, keys: ENTER },
    { after: /Template[\s\S]*Template[\s\S]*hello/, keys: "xdp" },
    { after: /● Networking +xdp/, keys: ENTER },
  ]);
  assert.equal(seen.status, 0, seen.last);
  assert.ok(existsSync(join(cwd, "x/src/xdp.bpf.c")));
});

test("with --yes, in a CI, with --json and without a terminal nothing is asked", async () => {
  const cwd = folderWith({});
  const rest = ["--no-git", "--no-install", "--vendor", "git"];
  const yes = await atTerminal(cwd, command("yes", "--yes", ...rest), env());
  const ci = await atTerminal(cwd, command("ci", ...rest), env({ CI: "true" }));
  const json = await atTerminal(cwd, command("json", "--json", ...rest), env());
  for (const seen of [yes, ci, json]) assert.equal(seen.status, 0, seen.last);
  const piped = await create(["piped", ...rest, "--toolchain", "0.1.0", "--pins", forge.pins], { cwd });
  assert.equal(piped.code, 0, piped.stderr);
  for (const text of [yes.written, ci.written, json.written, piped.stdout])
    assert.doesNotMatch(text, /Package manager|Template\b.*\n.*Search/);
  assert.deepEqual(readdirSync(cwd).sort(), ["ci", "json", "piped", "yes"]);
});

test("a repository that is there is asked about as such", async () => {
  const cwd = folderWith({ LICENSE: "mine" });
  git(cwd, "init", "--quiet");
  writeFileSync(join(cwd, "README"), "mine");
  const args = [".", "-t", "hello", "--pm", "npm", "--vendor", "git", "--no-install"];
  const typed = { after: /Commit it to the repository that is there\?/, keys: ENTER };
  const seen = await atTerminal(cwd, command(...args), env(), typed);
  assert.equal(seen.status, 0, seen.last);
  assert.equal(git(cwd, "rev-list", "--count", "HEAD"), "1");
});
