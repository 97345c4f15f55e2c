import assert from "node:assert/strict";
import { lstatSync, readdirSync, readlinkSync, statSync, symlinkSync } from "node:fs";
import { test } from "node:test";
import { shell, Workshop } from "./workshop.ts";

test("outputs keep their modes and links", async (t) => {
  const shop = new Workshop(t);
  const script =
    'echo x > "$1"; chmod 751 "$1"; echo y > "$2/y"; ln -s y "$2/link"; mkdir "$2/deep"; echo z > "$2/deep/z"; chmod 600 "$2/deep/z"';
  const steps = [shell("make", [], ["o/tool", "o/tree/"], script)];
  assert.deepEqual(await shop.ran(steps), ["make"]);
  assert.equal(statSync(shop.path("o/tool")).mode & 0o777, 0o751);
  assert.equal(statSync(shop.path("o/tree/deep/z")).mode & 0o777, 0o600);
  assert.equal(readlinkSync(shop.path("o/tree/link")), "y");
  assert.deepEqual(await shop.ran(steps), []);
});

test("a folder that is made again holds nothing of before", async (t) => {
  const shop = new Workshop(t);
  shop.write("names", "a b");
  const steps = [shell("tree", ["names"], ["o/tree/"], 'for n in $(cat names); do echo $n > "$1/$n"; done')];
  await shop.ran(steps);
  shop.write("names", "b c");
  await shop.ran(steps);
  assert.deepEqual(readdirSync(shop.path("o/tree")), ["b", "c"]);
  shop.write("o/tree/stray", "");
  assert.deepEqual(await shop.ran(steps), ["tree"]);
  assert.deepEqual(readdirSync(shop.path("o/tree")), ["b", "c"]);
  shop.remove("o/tree/b");
  assert.deepEqual(await shop.ran(steps), ["tree"]);
});

test("an output made anew with the same bytes keeps its file and its time", async (t) => {
  const shop = new Workshop(t);
  shop.write("in", "1");
  const steps = [shell("same", ["in"], ["out", "dir/"], 'echo same > "$1"; echo same > "$2/f"')];
  await shop.ran(steps);
  const stat = () =>
    [lstatSync(shop.path("out")), lstatSync(shop.path("dir/f"))].map(({ ino, mtimeMs }) => ({
      ino,
      mtimeMs,
    }));
  const before = stat();
  shop.write("in", "2");
  const { events } = await shop.build(steps);
  assert.ok(events.some((event) => event.type === "done" && !event.changed));
  assert.deepEqual(stat(), before);
});

test("standard output goes to its file, messages in order to the listener", async (t) => {
  const shop = new Workshop(t);
  const captured = await shop.build([
    shell("cap", [], ["out"], "echo data; echo warning >&2", { stdout: "out" }),
  ]);
  assert.equal(shop.read("out"), "data\n");
  const said = (events: typeof captured.events) =>
    events.flatMap((event) => (event.type === "output" ? [event.text] : []));
  assert.deepEqual(said(captured.events), ["warning\n"]);
  const mixed = await shop.build([shell("mix", [], ["o"], 'echo 1; echo 2 >&2; echo 3; echo > "$1"')]);
  assert.deepEqual(said(mixed.events), ["1\n2\n3\n"]);
});

test("a command sees staging paths laid out as the app is, seen from the folder that it changes to", async (t) => {
  const shop = new Workshop(t);
  const step = {
    ...shell("make", [], ["o/lib/x.a", "o/y"], ""),
    argv: [
      "sh",
      "-c",
      'case $1 in OBJ=../../*/o/lib/) ;; *) exit 1;; esac; mkdir -p a/b; cd a/b; echo x > "$' +
        '{1#OBJ=}x.a"; cd ../..; echo y > "$2y"',
      "sh",
      { prefix: "OBJ=", out: "o/lib/", from: "a/b" },
      { out: "o/" },
    ],
  };
  assert.deepEqual(await shop.ran([step]), ["make"]);
  assert.equal(shop.read("o/lib/x.a") + shop.read("o/y"), "x\ny\n");
});

test("outputs may lie outside the app, and paths may be absolute", async (t) => {
  const shop = new Workshop(t);
  const other = new Workshop(t);
  const steps = [
    shell("far", [], [other.path("deep/far"), shop.path("near")], 'echo far > "$1"; echo near > "$2"'),
  ];
  assert.deepEqual(await shop.ran(steps), ["far"]);
  assert.equal(other.read("deep/far") + shop.read("near"), "far\nnear\n");
  assert.deepEqual(await shop.ran(steps), []);
  other.write("deep/far", "meddled");
  assert.deepEqual(await shop.ran(steps), ["far"]);
});

test("an output that was a link becomes a file; what the link pointed to stays", async (t) => {
  const shop = new Workshop(t);
  shop.write("precious", "precious");
  shop.write("o/keep", "");
  symlinkSync("../precious", shop.path("o/out"));
  await shop.ran([shell("write", [], ["o/out"], 'echo new > "$1"')]);
  assert.equal(shop.read("precious"), "precious");
  assert.equal(shop.read("o/out"), "new\n");
});

test("no stage is left behind", async (t) => {
  const shop = new Workshop(t);
  await shop.ran([shell("ok", [], ["o"], 'echo > "$1"')]);
  await shop.build([shell("bad", [], ["p"], 'echo > "$1"; exit 1')]);
  assert.deepEqual(readdirSync(shop.path(".output/.bpf-app/stage")), []);
});

test("built-in actions run in this process, with staged paths", async (t) => {
  const shop = new Workshop(t);
  const seen: unknown[] = [];
  const actions = {
    shout: async (args: readonly string[], io: { root: string }) => {
      seen.push(args[0], io.root);
      return "LOUD\n";
    },
  };
  const step = {
    ...shell("act", [], ["o/loud"], "", { stdout: "o/loud" }),
    argv: ["bpf-app", "shout", { out: "o/loud" }],
  };
  assert.deepEqual(await shop.ran([step], { actions }), ["act"]);
  assert.equal(shop.read("o/loud"), "LOUD\n");
  assert.deepEqual(seen, [".output/.bpf-app/stage/act/app/o/loud", shop.root]);
  const { failure } = await shop.build([{ ...step, argv: ["bpf-app", "sing"] }], { actions });
  assert.ok(failure?.kind === "unknown-action" && failure.action === "sing");
});
