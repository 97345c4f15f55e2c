import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import { sealedParts } from "../../toolchain/src/runtime/sealed.ts";
import { type Fields, load } from "./load.ts";
import { fixture } from "./objects.ts";

const shapes = await load({ name: "shapes", object: fixture("shapes") });
const data = new shapes.spec.sections.data!.View(Memory.alloc(1024), 0) as Fields;
const bss = new shapes.spec.sections.bss!.View(Memory.alloc(1024), 0) as Fields;

const misspelt = (message: RegExp) => ({ name: "TypeError", message });

test("a misspelt global is refused, with the nearest one", () => {
  assert.throws(
    () => (data.negativ1 = 1),
    misspelt(/^shapes_data has no property negativ1; did you mean negative1\?$/),
  );
  assert.throws(() => (data.quite_another = 1), misspelt(/^shapes_data has no property quite_another$/));
  assert.equal("negativ1" in data, false);
});

test("so is a misspelt member of a struct, in a struct and in an array as well", () => {
  assert.throws(() => (data.fields1.aa = 1), misspelt(/fields_view has no property aa/));
  assert.throws(
    () => (bss.memory1.View.nam = "x"),
    misspelt(/View_view has no property nam; did you mean name\?/),
  );
  assert.throws(() => (bss.memory1.Array[1].lenght = 1), misspelt(/did you mean length\?/));
  assert.throws(() => (data.packed1.at(0).v.nam = "x"), misspelt(/did you mean name\?/));
  assert.throws(() => (data.packed1.lenght = 1), misspelt(/an array has no property lenght/));
  const alone = new (shapes.codec("fields").View)(Memory.alloc(64), 0) as Fields;
  assert.throws(() => (alone.aa = 1), TypeError);
});

test("what a view has can be written as before, and its place can be moved", () => {
  const memory = Memory.alloc(64);
  const view = new (shapes.codec("flexible").View)(memory, 0) as Fields;
  view.n = 5;
  view.$at = 8;
  view.$end = 24;
  assert.deepEqual([memory.i32[0], view.n, view.items.length], [5, 0, 1]);
  const fixed = new (shapes.codec("fields").View)(memory, 0) as Fields;
  fixed.$end = 8;
  assert.equal(fixed.$end, 8);
});

test("parts of a skeleton can be exchanged, and none added", () => {
  const links = sealedParts<Record<string, unknown>>({ handle_exec: undefined }, "links");
  links.handle_exec = 1;
  assert.deepEqual(Object.entries(links), [["handle_exec", 1]]);
  assert.throws(
    () => (links.handle_exek = 1),
    misspelt(/^links has no property handle_exek; did you mean handle_exec\?$/),
  );
});
