import assert from "node:assert/strict";
import { test } from "node:test";
import { parseDepfile } from "../../toolchain/src/run/depfile.ts";
import { concat, reason, shell, Workshop, waitFor } from "./workshop.ts";

test("dependency files are read as GCC and clang write them", () => {
  const text =
    "out/a.o: src/a.c src/with\\ space.h \\\n  src/da$$h.h src/\\#hash.h\\\n /usr/include/x.h\nsrc/a.h:\n";
  const names = ["src/a.c", "src/with space.h", "src/da$h.h", "src/#hash.h", "/usr/include/x.h"];
  assert.deepEqual(parseDepfile(text), names);
  assert.deepEqual(parseDepfile("a b: c\r\n\r\n d : e\n"), ["c", "e"]);
  assert.deepEqual(parseDepfile(""), []);
});

const compile = shell(
  "cc",
  ["src/main"],
  ["out/main"],
  'cat src/main src/inc > "$1"; echo "$1: src/main $PWD/src/inc" > "$2"',
  {
    depfile: "out/main.d",
  },
);

test("a file that only the command knew of is an input from then on", async (t) => {
  const shop = new Workshop(t);
  shop.write("src/main", "m");
  shop.write("src/inc", "1");
  assert.deepEqual(await shop.ran([compile]), ["cc"]);
  assert.deepEqual(await shop.ran([compile]), []);
  shop.write("src/inc", "2");
  const built = await shop.build([compile]);
  assert.deepEqual(reason(built, "cc"), { kind: "input-changed", path: "src/inc" });
  assert.equal(shop.read("out/main"), "m2");
  assert.deepEqual(await shop.ran([compile]), []);
});

test("a discovered file that is gone makes the step run, and is forgotten when no longer read", async (t) => {
  const shop = new Workshop(t);
  shop.write("src/main", "m");
  shop.write("src/inc", "1");
  await shop.ran([compile]);
  shop.remove("src/inc");
  const built = await shop.build([compile]);
  assert.deepEqual(reason(built, "cc"), { kind: "input-removed", path: "src/inc" });
});

test("a discovered file that another step makes orders the two from the next build on", async (t) => {
  const shop = new Workshop(t);
  shop.write("src/main", "m");
  shop.write("src/inc.in", "1");
  // In the first build it writes the file only when the compiler has read the one before.
  const script = `${waitFor("out/main")}; cat src/inc.in > "$1"`;
  const generate = shell("gen", ["src/inc.in"], ["src/inc"], script);
  shop.write("src/inc", "old");
  const plan = [compile, generate];
  await shop.ran(plan);
  const second = await shop.build(plan);
  assert.deepEqual(second.ran, ["cc"], "what it read was not yet made");
  assert.equal(shop.read("out/main"), "m1");
  assert.deepEqual(await shop.ran(plan), []);
  shop.write("src/inc.in", "2");
  assert.deepEqual(await shop.ran(plan), ["gen", "cc"]);
  assert.equal(shop.read("out/main"), "m2");
  shop.write("src/inc.in", "3");
  assert.deepEqual(await shop.ran(plan, { targets: ["cc"] }), ["gen", "cc"]);
});

test("a discovered circle of an older plan does not stand in the way", async (t) => {
  const shop = new Workshop(t);
  shop.write("src/main", "m");
  shop.write("src/inc", "1");
  await shop.ran([compile]);
  const plan = [concat("inc", ["out/main"], "src/inc"), compile];
  assert.equal((await shop.build(plan)).failure, undefined);
});

test("a command that does not write its dependency file fails", async (t) => {
  const shop = new Workshop(t);
  const { failure } = await shop.build([shell("cc", [], ["o"], 'echo > "$1"', { depfile: "o.d" })]);
  assert.ok(failure?.kind === "output-not-made" && failure.path === "o.d");
});
