import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { ATTACH_TYPES } from "../../toolchain/src/facts/attach-types.ts";
import {
  MAP_CLASSES,
  MAP_NUMBERS,
  MAP_TYPES,
  mapTypeFacts,
  mapTypeName,
} from "../../toolchain/src/facts/map-types.ts";
import { typeNumber } from "../../toolchain/src/facts/number.ts";
import { PROG_TYPES } from "../../toolchain/src/facts/prog-types.ts";
import * as runtime from "../../toolchain/src/runtime/index.ts";

const TABLES = { map: MAP_NUMBERS, program: PROG_TYPES, attach: ATTACH_TYPES } as const;

for (const [kind, table] of Object.entries<Readonly<Record<string, number>>>(TABLES)) {
  test(`the numbers of ${kind} types leave none out, in the kernel's order`, () => {
    assert.deepEqual(
      Object.values(table),
      Object.keys(table).map((_, i) => i),
    );
  });

  test(`${kind} types are found by name; a name that is none is refused`, () => {
    const [name, number] = Object.entries(table).at(-1)!;
    assert.equal(typeNumber(table, name, kind), number);
    assert.equal(typeNumber(table, 999, kind), 999);
    for (const wrong of ["none", "unspec", "toString", ""]) {
      assert.throws(() => typeNumber(table, wrong, kind), { name: "RangeError", message: new RegExp(name) });
    }
  });
}

test("a map type has its name back by its number; newer ones have none", () => {
  for (const [name, { number }] of Object.entries(MAP_TYPES)) assert.equal(mapTypeName(number), name);
  assert.equal(mapTypeName(Object.keys(MAP_TYPES).length), undefined);
  assert.equal(mapTypeFacts("toString"), undefined);
});

test("the runtime exports every class that the table names", () => {
  for (const name of Object.keys(MAP_CLASSES)) {
    const Class = (runtime as Record<string, unknown>)[name] as { prototype: object };
    assert.ok(
      Class?.prototype === runtime.BpfMap.prototype || Class?.prototype instanceof runtime.BpfMap,
      name,
    );
  }
});

/** The rows of the table of maps in the documentation. */
function documented(): { types: string[]; text: string }[] {
  const text = readFileSync(new URL("../../docs/maps.md", import.meta.url), "utf8");
  const chapter = /^## Every kind of map\n(.*?)^### /ms.exec(text)?.[1] ?? "";
  return [...chapter.matchAll(/^\| ([a-z_, ]+) \| (.*) \|$/gm)]
    .map(([, types, rest]) => ({ types: types!.split(", "), text: rest! }))
    .filter(({ types }) => types[0] !== "type");
}

test("the documentation has every map type once", () => {
  const types = documented().flatMap((row) => row.types);
  assert.deepEqual(
    types.sort(),
    Object.keys(MAP_TYPES)
      .filter((type) => type !== "unspec")
      .sort(),
  );
});

test("the documentation names only what the class of each map type has", () => {
  for (const { types, text } of documented()) {
    const names = [...text.matchAll(/`([a-z]\w*)(?:\(.*?\))?`/g)].map(([, name]) => name!);
    for (const type of types) {
      const { class: Class } = mapTypeFacts(type)!;
      const { prototype } = (runtime as unknown as Record<string, { prototype: object }>)[Class]!;
      for (const name of names) assert.ok(name in prototype, `${type} (${Class}) has no ${name}`);
    }
  }
});
