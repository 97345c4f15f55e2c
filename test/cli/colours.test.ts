// No verb writes an escape code into a pipe, and none a colour at a terminal where NO_COLOR is set. What a build shows is
// looked at in test/report/terminal.test.ts.
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { quote } from "shlex";
import { VERBS } from "../../toolchain/src/cli/verbs.ts";
import { ROOT } from "../root.ts";
import { atTerminal } from "../terminal.ts";
import { appWithSources, bpfApp, PLAIN, programs } from "./run.ts";

/** What follows some verbs: those that build are to fail before that, and one wants a word. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  completion: ["bash"],
  ...Object.fromEntries(["build", "check", "dev", "start"].map((verb) => [verb, ["CLANG=no-such-clang"]])),
};

/** It starts sooner than its sources do. */
const BUNDLED = join(ROOT, "toolchain/dist/cli.js");

const PATH = `${programs()}:/usr/bin:/bin`;
const COMMANDS: readonly (readonly string[])[] = [
  ...VERBS.map(({ name }) => [name, ...(WORDS[name] ?? [])]),
  ["help"],
  ["help", "build"],
  ["--version"],
  ["biuld"],
  ["build", "--jsno"],
];

test("no command writes an escape code into a pipe", () => {
  const root = appWithSources();
  for (const args of COMMANDS) {
    const { stdout, stderr } = bpfApp(root, args, { PATH, TERM: "xterm-256color" });
    assert.ok(`${stdout}${stderr}` !== "" || args[0] === "clean", `${args.join(" ")} says nothing`);
    assert.ok(!`${stdout}${stderr}`.includes("\x1b"), `${args.join(" ")}:\n${stdout}${stderr}`);
  }
});

test("no command uses a colour at a terminal where NO_COLOR is set", async () => {
  const commands = COMMANDS.map((args) => [process.execPath, BUNDLED, ...args].map(quote).join(" "));
  const env = { ...PLAIN, PATH, NO_COLOR: "1" };
  const { written } = await atTerminal(appWithSources(), ["sh", "-c", commands.join("; ")], env);
  assert.match(written, /bpf-app: There is no verb biuld/);
  // Moving the cursor and clearing a line is no colour: those codes end with another letter.
  const codes = written.split("\x1b").slice(1);
  assert.deepEqual(
    codes.filter((code) => /^\[[\d;:]*m/.test(code)),
    [],
  );
});
