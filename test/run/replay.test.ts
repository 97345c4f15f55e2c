// What a step has said is said again when it is skipped.
import assert from "node:assert/strict";
import { test } from "node:test";
import { type Built, shell, Workshop } from "./workshop.ts";

const said = ({ events }: Built) =>
  events.flatMap((event) => (event.type === "output" ? [`${event.step.id}: ${event.text}`] : []));

test("warnings are shown again while their step is up to date, and go when their cause goes", async (t) => {
  const shop = new Workshop(t);
  const warn = (text: string) => shop.write("in", text);
  const steps = [
    shell("warns", ["in"], ["out"], 'cat in >&2; echo > "$1"'),
    shell("silent", ["other"], ["o"], 'echo > "$1"'),
  ];
  shop.write("other", "1");
  warn("\x1b[31mwarning:\x1b[0m x\n");
  const expected = ["warns: \x1b[31mwarning:\x1b[0m x\n"];
  assert.deepEqual(said(await shop.build(steps)), expected);
  const again = await shop.build(steps);
  assert.deepEqual(again.ran, []);
  assert.deepEqual(said(again), expected, "with nothing to do");
  shop.write("other", "2");
  assert.deepEqual(said(await shop.build(steps)), expected, "while another step runs");
  warn("");
  assert.deepEqual(said(await shop.build(steps)), []);
  assert.deepEqual(said(await shop.build(steps)), []);
  warn("\x1b[31mwarning:\x1b[0m x\n");
  assert.deepEqual(said(await shop.build(steps)), expected);
});

test("those of an earlier state are shown with it", async (t) => {
  const shop = new Workshop(t);
  const steps = [shell("warns", ["in"], ["out"], 'cat in >&2; echo > "$1"')];
  for (const text of ["first\n", "second\n"]) {
    shop.write("in", text);
    await shop.build(steps);
  }
  shop.write("in", "first\n");
  const back = await shop.build(steps);
  assert.deepEqual(back.ran, [], "the output is the same in both states");
  assert.deepEqual(said(back), ["warns: first\n"]);
});

test("those of a step that apps share are nobody's, and not shown again", async (t) => {
  const shop = new Workshop(t);
  const steps = [shell("lib", [], ["lib.a"], 'echo chatter >&2; echo > "$1"', { shared: true })];
  const cache = shop.path("cache");
  assert.deepEqual(said(await shop.build(steps, { cache })), ["lib: chatter\n"]);
  assert.deepEqual(said(await shop.build(steps, { cache })), []);
  shop.remove("lib.a");
  shop.remove(".output");
  const restored = await shop.build(steps, { cache });
  assert.deepEqual(restored.ran, []);
  assert.deepEqual(said(restored), []);
});

test("a very long text is kept up to a line's end", async (t) => {
  const shop = new Workshop(t);
  const line = "x".repeat(99);
  const steps = [shell("long", [], ["out"], `yes ${line} | head -n 5000 >&2; echo > "$1"`)];
  assert.equal(said(await shop.build(steps))[0]?.length, "long: ".length + 500_000);
  const [kept = ""] = said(await shop.build(steps));
  assert.ok(kept.length <= 66_000 && kept.length > 60_000, `${kept.length}`);
  assert.match(kept, /x{99}\n…\n$/);
});

test("arguments that colour messages are given to the command, and change nothing else", async (t) => {
  const shop = new Workshop(t);
  const steps = (coloring?: readonly string[]) => [
    shell("warns", [], ["out"], 'echo "$2" >&2; echo > "$1"', coloring ? { coloring } : {}),
  ];
  assert.deepEqual(said(await shop.build(steps(["--pretty"]))), ["warns: --pretty\n"]);
  assert.deepEqual((await shop.build(steps())).ran, [], "they are no part of what decides freshness");
});
