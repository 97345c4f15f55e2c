// `bpf-app check --kernels`, as a user runs it: one program is accepted by the newest kernel and refused by the oldest.
import assert from "node:assert/strict";
import { cpSync } from "node:fs";
import { join } from "node:path";
import { before, test } from "node:test";
import { quickVersions } from "../../toolchain/src/guest/choose.ts";
import { App, type Ran, run } from "../build/app.ts";

const [oldest, newest] = quickVersions() as [string, string];
let app: App;
before(() => {
  app = App.make("minimal");
  cpSync(join(import.meta.dirname, "../build/check/sides.bpf.c"), app.path("src/sides.bpf.c"));
});

function check(...args: readonly string[]): Ran {
  const cli = app.path("node_modules/bpf-app/dist/cli.js");
  return run(app.dir, [process.execPath, cli, "check", ...args]);
}

test("a column for each kernel, and the reasons of each", () => {
  const { status, stdout, stderr } = check("sides", "--kernels", `${oldest},${newest}`);
  assert.equal(status, 1, stderr);
  const column = (version: string) => `${version.replace(".", "\\.")}\\.\\S+`;
  assert.match(stdout, new RegExp(`PROGRAM +SECTION +${column(oldest)} +${column(newest)}$`, "m"));
  assert.match(stdout, /^ {2}sides +good .* \d+ +\d+$/m);
  assert.match(stdout, /^ {2}sides +bad .* rejected +rejected$/m);
  assert.match(stdout, /^ {2}sides +loops .* rejected +\d+$/m);
  assert.match(
    stdout,
    new RegExp(`^rejected on ${column(oldest)}: sides, loops\\n[\\s\\S]*Linux 5\\.13`, "m"),
  );
  // Before 6.8 the kernel tells the line's text alone.
  assert.equal(stdout.match(/src\/sides\.bpf\.c:\d+\n.*\n.*\n *> \d+ \| \t\*value \+= 1;/g)?.length, 2);
  assert.match(stdout, /^skipped on \S+, \S+: sides, nowhere: /m);
  assert.match(stderr, /^Booting Linux .* in guests\.$/m);
});

test("the next time nothing is fetched, and the counts have not changed", () => {
  const { status, stdout, stderr } = check("sides", "--kernels", newest, "--json");
  assert.equal(status, 1, stderr);
  assert.doesNotMatch(stderr, /Fetching/);
  const [{ programs }] = JSON.parse(stdout).kernels;
  const good = programs.find((one: { name: string }) => one.name === "good");
  assert.equal(good.change, 0);
});
