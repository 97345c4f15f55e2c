import assert from "node:assert/strict";
import { chmodSync, mkdirSync, renameSync, statSync, symlinkSync, utimesSync, writeFileSync } from "node:fs";
import { test } from "node:test";
import { explainPlan } from "../../toolchain/src/run/index.ts";
import { concat, reason, sh, shell, Workshop } from "./workshop.ts";

const chain = [
  concat("a", ["src/a"], "out/a"),
  shell("upper", ["out/a"], ["out/upper"], 'tr a-z A-Z < out/a > "$1"'),
  concat("end", ["out/upper", "src/b"], "out/end"),
];

function start(context: import("node:test").TestContext): Workshop {
  const shop = new Workshop(context);
  shop.write("src/a", "a\n");
  shop.write("src/b", "b\n");
  return shop;
}

test("a second build runs nothing and writes nothing", async (t) => {
  const shop = start(t);
  assert.deepEqual(await shop.ran(chain), ["a", "upper", "end"]);
  assert.equal(shop.read("out/end"), "A\nb\n");
  const before = statSync(shop.path("out/end"), { bigint: true }).ctimeNs;
  assert.deepEqual(await shop.ran(chain), []);
  assert.equal(statSync(shop.path("out/end"), { bigint: true }).ctimeNs, before);
});

test("touching any file runs nothing", async (t) => {
  const shop = start(t);
  await shop.ran(chain);
  for (const path of ["src/a", "src/b", "out/a", "out/upper", "out/end"]) {
    utimesSync(shop.path(path), new Date(), new Date());
    assert.deepEqual(await shop.ran(chain), [], path);
  }
});

test("an edit of the same length within the clock's tick is seen", async (t) => {
  const shop = start(t);
  for (let n = 0; n < 20; n++) {
    shop.write("src/a", `${n % 10}\n`);
    assert.ok((await shop.ran(chain)).includes("a"));
    assert.equal(shop.read("out/end"), `${n % 10}\nb\n`);
  }
});

test("an edit that changes no output stops there", async (t) => {
  const shop = start(t);
  await shop.ran(chain);
  shop.write("src/a", "A\n");
  assert.deepEqual(await shop.ran(chain), ["a", "upper"]);
});

test("going back to an older input makes the older output again", async (t) => {
  const shop = start(t);
  await shop.ran(chain);
  shop.write("src/a", "other\n");
  await shop.ran(chain);
  shop.write("src/a", "a\n");
  await shop.ran(chain);
  assert.equal(shop.read("out/end"), "A\nb\n");
  assert.deepEqual(await shop.ran(chain), []);
});

test("going back to an older input runs nothing where the outputs are still the older ones", async (t) => {
  const shop = start(t);
  const steps = [shell("first line", ["src/a"], ["out/line"], 'head -1 src/a > "$1"')];
  await shop.ran(steps);
  shop.write("src/a", "a\nmore\n");
  assert.deepEqual(await shop.ran(steps), ["first line"]);
  shop.write("src/a", "a\n");
  assert.deepEqual(await shop.ran(steps), []);
});

test("an edit undone before the next build runs nothing", async (t) => {
  const shop = start(t);
  await shop.ran(chain);
  shop.write("src/a", "x\n");
  shop.write("src/a", "a\n");
  assert.deepEqual(await shop.ran(chain), []);
});

test("every reason to run is told", async (t) => {
  const shop = start(t);
  const step = concat("one", ["src/a", "src/d/"].slice(0, 1), "out/one");
  const dir = shell("dir", ["src/d/"], ["out/dir"], 'cat src/d/* > "$1"');
  shop.write("src/d/x", "x");
  const build = (one = step, env = {}) => shop.build([one, dir], { env: { ...process.env, ...env } });
  assert.deepEqual(reason(await build(), "one"), { kind: "never-built" });

  const other = { ...step, argv: [...step.argv, "more"] };
  assert.deepEqual(reason(await build(other), "one"), { kind: "command-changed" });
  await build();
  const upgraded = { ...step, tools: [{ ...sh, identity: "sh 2" }] };
  assert.deepEqual(reason(await build(upgraded), "one"), { kind: "tool-changed", tool: "sh" });
  await build();
  const dated = await build(step, { SOURCE_DATE_EPOCH: "1" });
  assert.deepEqual(reason(dated, "one"), { kind: "environment-changed", name: "SOURCE_DATE_EPOCH" });
  await build();
  const set = { ...step, env: { MODE: "fast" } };
  assert.deepEqual(reason(await build(set), "one"), { kind: "environment-changed", name: "MODE" });
  await build();

  shop.write("src/a", "changed");
  assert.deepEqual(reason(await build(), "one"), { kind: "input-changed", path: "src/a" });
  shop.write("src/d/y", "y");
  assert.deepEqual(reason(await build(), "dir"), { kind: "input-added", path: "src/d/y" });
  shop.remove("src/d/x");
  assert.deepEqual(reason(await build(), "dir"), { kind: "input-removed", path: "src/d/x" });
  shop.remove("out/one");
  assert.deepEqual(reason(await build(), "one"), { kind: "output-missing", path: "out/one" });
  shop.write("out/one", "meddled");
  assert.deepEqual(reason(await build(), "one"), { kind: "output-changed", path: "out/one" });
  chmodSync(shop.path("out/one"), 0o700);
  assert.deepEqual(reason(await build(), "one"), { kind: "output-changed", path: "out/one" });
  shop.write(".output/.bpf-app/records/one", "nonsense");
  assert.deepEqual(reason(await build(), "one"), { kind: "record-unreadable" });
  assert.deepEqual((await build()).ran, []);
});

test("what the caller's environment holds besides the allowed names does not reach a step", async (t) => {
  const shop = new Workshop(t);
  const steps = [shell("env", [], ["out/env"], 'env > "$1"')];
  await shop.ran(steps, {
    env: { PATH: process.env.PATH, CPATH: "/x", MAKEFLAGS: "-j9", LANG: "de_DE", HOME: "/home/u" },
  });
  const seen = shop.read("out/env").split("\n");
  assert.ok(seen.includes("LC_ALL=C") && seen.includes("LANG=C") && seen.includes("HOME=/home/u"));
  assert.ok(!seen.some((line) => /^(CPATH|MAKEFLAGS)=/.test(line)));
  assert.deepEqual(await shop.ran(steps, { env: { PATH: "/bin:/usr/bin", HOME: "/elsewhere" } }), []);
});

test("a folder moved elsewhere is still up to date", async (t) => {
  const shop = start(t);
  await shop.ran(chain);
  renameSync(shop.root, `${shop.root}-moved`);
  const moved = new Workshop(t, `${shop.root}-moved`);
  assert.deepEqual(await moved.ran(chain), []);
});

test("folders as inputs: links, nested folders, version control's files and the step's own outputs", async (t) => {
  const shop = new Workshop(t);
  shop.write("lib/a/b/c", "1");
  shop.write("lib/.git", "gitdir: elsewhere");
  symlinkSync("a/b/c", shop.path("lib/link"));
  symlinkSync("nowhere", shop.path("lib/dangling"));
  symlinkSync(".", shop.path("lib/circle"));
  const steps = [shell("sum", ["lib/"], ["lib/sum"], 'cat lib/a/b/c > "$1"')];
  assert.deepEqual(await shop.ran(steps), ["sum"]);
  assert.deepEqual(await shop.ran(steps), []);
  shop.write("lib/.git", "gitdir: there");
  assert.deepEqual(await shop.ran(steps), []);
  shop.write("lib/a/b/c", "2");
  assert.deepEqual(await shop.ran(steps), ["sum"]);
  mkdirSync(shop.path("lib/new"));
  assert.deepEqual(await shop.ran(steps), []);
  writeFileSync(shop.path("lib/new/file"), "");
  assert.deepEqual(await shop.ran(steps), ["sum"]);
});

test("an input that changes while the command reads it is not taken as built", async (t) => {
  const shop = start(t);
  const steps = [
    shell("slow", ["src/a"], ["out/slow"], 'printf "a\\n" > before; cat src/a > "$1"; echo new > src/a'),
  ];
  assert.deepEqual(await shop.ran(steps), ["slow"]);
  shop.write("src/a", "a\n");
  assert.deepEqual(await shop.ran(steps), ["slow"], "the record would say that a was read");
});

test("what would run is told without running it", async (t) => {
  const shop = start(t);
  const options = {
    root: shop.root,
    jobs: 1,
    actions: {},
    listener() {},
    signal: new AbortController().signal,
    env: {},
  };
  const says = () =>
    explainPlan(chain, options).map(({ step, reason, after }) => [
      step.id,
      reason.kind,
      after.map(({ id }) => id),
    ]);
  assert.deepEqual(says(), [
    ["a", "never-built", []],
    ["upper", "never-built", ["a"]],
    ["end", "never-built", ["upper"]],
  ]);
  await shop.ran(chain, { env: {} });
  shop.write("src/a", "new");
  assert.deepEqual(says(), [
    ["a", "input-changed", []],
    ["upper", "fresh", ["a"]],
    ["end", "fresh", ["upper"]],
  ]);
  assert.equal(shop.read("out/a"), "a\n");
});
