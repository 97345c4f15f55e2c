import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import { identifier, Names } from "../../toolchain/src/skeleton/names.ts";
import { load } from "./load.ts";
import { fixture, objectWithGlobal } from "./objects.ts";

const shapes = await load({ name: "shapes", object: fixture("shapes") });

test("a name is given once, and never one that JavaScript needs", () => {
  const names = Names.forModule();
  const taken = ["event", "event", "class", "event", "class", "Array", "x.y", "9lives", "event$2"];
  assert.deepEqual(
    taken.map((name) => names.take(name)),
    ["event", "event$2", "class$", "event$3", "class$2", "Array$", "x_y", "_9lives", "event$2$2"],
  );
});

test("properties may be called nearly anything", () => {
  const names = Names.forProperties();
  assert.deepEqual(
    ["class", "then", "toString", "__proto__", "constructor", "$m"].map((name) => names.take(name)),
    ["class", "then", "toString", "__proto__$", "constructor$", "$m$"],
  );
});

test("what is no letter in JavaScript becomes a line", () => {
  assert.equal(identifier(".data.hot"), "_data_hot");
  assert.equal(identifier("größe"), "größe");
  assert.equal(identifier("a b"), "a_b");
});

test("fields with a meaning in JavaScript are read and written as any other", () => {
  const codec = shapes.codec("constructor$");
  const view = new codec.View(Memory.alloc(codec.size), 0);
  const fields = [
    "constructor$",
    "__proto__$",
    "toString",
    "then",
    "class",
    "prototype",
    "hasOwnProperty",
    "$m$",
    "$at$",
  ];
  const value = Object.fromEntries(fields.map((name, index) => [name, index + 1]));
  codec.write(view.$m, 0, { ...value, valueOf: 10n });
  assert.deepEqual({ ...codec.read(view.$m, 0) }, { ...value, valueOf: 10n });
  assert.equal(Object.getPrototypeOf(codec.read(view.$m, 0)), Object.prototype);
  assert.deepEqual(
    fields.map((name) => view[name]),
    [1, 2, 3, 4, 5, 6, 7, 8, 9],
  );
});

test("types named as what the file imports keep their names", () => {
  for (const name of ["View", "Memory", "bytes"]) assert.equal(shapes.codec(name).ctype, `struct ${name}`);
  assert.match(shapes.text, /type Memory as Memory\$,/);
});

test("a struct and a typedef of one name are two types", () => {
  assert.deepEqual([shapes.codec("dup").size, shapes.codec("dup$2").size], [4, 8]);
  assert.equal(shapes.codec("dup$2").ctype, "struct dup");
});

test("two structs of one name, as linking can leave them, are both there", async () => {
  const made = await load({
    name: "it",
    object: objectWithGlobal((btf) => {
      const int = btf.int("int", 4);
      const first = btf.struct("s", 4, [{ name: "a", type: int }]);
      const second = btf.struct("s", 8, [{ name: "s", type: first, at: 32 }]);
      return second;
    }, 8),
  });
  assert.deepEqual([made.codec("s").size, made.codec("s$2").size], [4, 8]);
});

test("types named as a generated file's own variables are told from them", async () => {
  const wanted = ["value", "m", "at", "$value", "end"];
  const made = await load({
    name: "it",
    object: objectWithGlobal((btf) => {
      const int = btf.int("int", 4);
      const members = wanted.map((name, index) => ({
        name: `field_${index}`,
        type: btf.struct(name, 4, [{ name: "a", type: int }]),
        at: index * 32,
      }));
      return btf.struct("all", 20, members);
    }, 20),
  });
  const codec = made.codec("all");
  const view = new codec.View(Memory.alloc(24), 0);
  const fields = wanted.map((_, index) => `field_${index}`);
  for (const [index, field] of fields.entries()) view[field] = { a: index + 1 };
  const value = codec.read(view.$m, 0);
  assert.deepEqual(
    fields.map((field) => value[field].a),
    [1, 2, 3, 4, 5],
  );
  codec.write(view.$m, 0, value);
  assert.deepEqual(codec.read(view.$m, 0), value);
});

test("a skeleton may be called what JavaScript reserves, or have a dash", async () => {
  for (const [name, local] of [
    ["class", "class$"],
    ["my-tool", "my_tool"],
    ["it", "it"],
  ] as const) {
    const made = await load({ name, object: objectWithGlobal((btf) => btf.int("int", 4), 4) });
    assert.equal(made.exported[local].name, name);
  }
});
