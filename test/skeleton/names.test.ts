import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import { identifier, Names } from "../../toolchain/src/skeleton/names.ts";
import type { BtfBuilder } from "../btf/builder.ts";
import { load } from "./load.ts";
import { fixture, mapDefinition, objectWithGlobal, objectWithMaps } from "./objects.ts";

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
  assert.deepEqual([shapes.codec("dup").size, shapes.codec("dup$2").size], [8, 4]);
  assert.deepEqual([shapes.codec("dup").ctype, shapes.codec("dup$2").ctype], ["struct dup", "dup"]);
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

/** An object with maps whose values have these types, in this order. */
function objectWithValues(makers: Readonly<Record<string, (btf: BtfBuilder) => number>>): Uint8Array {
  return objectWithMaps((btf) =>
    Object.fromEntries(
      Object.entries(makers).map(([map, make]) => [
        map,
        mapDefinition(btf, { type: 1, max_entries: 1 }, { key: btf.int("int", 4), value: make(btf) }),
      ]),
    ),
  );
}

/** The types of a generated file, each with what is written under its name. */
async function typesOf(object: Uint8Array): Promise<Map<string, string>> {
  const { text } = await load({ name: "it", object });
  const parts = text.split("\n\n").flatMap((part) => {
    const name = /^export (?:interface|class|type) ([\w$]+)/m.exec(part)?.[1];
    return name === undefined ? [] : [[name, part] as const];
  });
  return new Map(parts);
}

test("a type that is added, before or after, renames no other", async () => {
  let shared: number | undefined;
  const one = (name: string, field: string) => (btf: BtfBuilder) =>
    btf.struct(name, 4, [{ name: field, type: btf.int("int", 4) }]);
  // A linker makes one type of all that have no name and look alike.
  const withAddress = (name: string) => (btf: BtfBuilder) => {
    shared ??= btf.union("", 4, [{ name: "v4", type: btf.int("unsigned int", 4) }]);
    return btf.struct(name, 4, [{ name: "address", type: shared }]);
  };
  const old = {
    a: withAddress("session"),
    b: one("session_address_view", "own"),
    c: (btf: BtfBuilder) => btf.modifier("typedef", one("", "x")(btf), "point"),
    d: one("", "anonymous"),
    e: one("d_value", "named"),
    f: (btf: BtfBuilder) => btf.enum("state", { UP: 1 }),
  };
  const added = { x: withAddress("peer"), y: one("other", "y"), z: one("", "without") };
  const made = async (values: Parameters<typeof objectWithValues>[0]) => {
    shared = undefined;
    return typesOf(objectWithValues(values));
  };
  const before = await made(old);
  for (const name of ["session_address", "d_value$2", "session_address_view$2"])
    assert.ok(before.has(name), name);
  for (const values of [
    { ...old, ...added },
    { ...added, ...old },
    Object.fromEntries(Object.entries({ ...old, ...added }).reverse()),
  ]) {
    const after = await made(values);
    for (const [name, part] of before) if (name !== "it") assert.equal(after.get(name), part, name);
    assert.ok(after.has("peer_address") && after.has("other"));
  }
});

test("of types that want one name, what they are decides, and not their order", async () => {
  const typedef = (btf: BtfBuilder) =>
    btf.modifier("typedef", btf.struct("", 4, [{ name: "t", type: btf.int("int", 4) }]), "both");
  const small = (btf: BtfBuilder) => btf.struct("both", 4, [{ name: "s", type: btf.int("int", 4) }]);
  const large = (btf: BtfBuilder) => btf.struct("both", 8, [{ name: "l", type: btf.int("u64", 8) }]);
  const orders = [
    { typedef, small, large },
    { large, small, typedef },
    { small, typedef, large },
  ];
  for (const order of orders) {
    const { codec } = await load({ name: "it", object: objectWithValues(order) });
    const found = ["both", "both$2", "both$3"].map((name) => [codec(name).ctype, codec(name).size]);
    assert.deepEqual(found, [
      ["struct both", 4],
      ["struct both", 8],
      ["both", 4],
    ]);
  }
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
