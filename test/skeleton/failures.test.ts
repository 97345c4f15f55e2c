import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { generateSkeleton } from "../../toolchain/src/skeleton/index.ts";
import { skeletonWords } from "../../toolchain/src/skeleton/words.ts";
import { BtfBuilder } from "../btf/builder.ts";
import { buildElf } from "../elf/builder.ts";
import { objectOf, objectWithGlobal } from "./objects.ts";

function failureOf(
  object: Uint8Array,
  sources: { path: string; text: string }[] = [],
): Record<string, unknown> {
  try {
    generateSkeleton({ name: "it", object, sources });
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error.failure as never;
  }
  return assert.fail("a skeleton was made");
}

test("a type without a counterpart is refused, named as C spells it, with its line", () => {
  const object = objectWithGlobal((btf) => {
    const wide = btf.float("long double", 16);
    return btf.struct("event", 32, [{ name: "when", type: btf.array(wide, 1), at: 0 }]);
  });
  const text = "struct event {\n\tint a;\n\tlong double when[1];\n};\n";
  const failure = failureOf(object, [{ path: "src/event.h", text }]);
  assert.deepEqual(failure, {
    kind: "type-unrepresentable",
    ctype: "long double",
    of: "event.when",
    why: "JavaScript has no 128-bit float",
    place: { path: "src/event.h", line: 3 },
  });
  assert.match(
    skeletonWords(failure as never)!.what,
    /^src\/event\.h:3: event\.when has the type long double,/,
  );
});

test("a global's line is found as well", () => {
  const object = objectWithGlobal((btf) => btf.fwd("later"));
  const failure = failureOf(object, [{ path: "it.bpf.c", text: "\nstruct later;\n\nstruct later it;\n" }]);
  assert.deepEqual([failure.of, failure.place], ["global it", { path: "it.bpf.c", line: 4 }]);
});

test("what has no value is refused", () => {
  const why = (make: (btf: BtfBuilder) => number) => failureOf(objectWithGlobal(make)).why;
  assert.equal(
    why(() => 0),
    "void has no value",
  );
  assert.equal(
    why((btf) => btf.int("odd", 3)),
    "it is an integer of 3 bytes",
  );
  assert.equal(
    why((btf) => btf.funcProto(0, [])),
    "no value can have this type",
  );
  assert.equal(
    why((btf) => btf.struct("s", 4, [{ name: "a", type: btf.int("int", 4), at: 8 }])),
    "it ends past the end of its struct",
  );
  assert.equal(
    why((btf) => btf.struct("s", 8, [{ name: "a", type: btf.struct("t", 4, []), at: 3 }])),
    "it does not begin at a byte",
  );
});

test("types that contain themselves end in a failure", () => {
  const itself = objectWithGlobal((btf) => btf.struct("s", 8, [{ name: "s", type: 1 }]));
  assert.equal(failureOf(itself).kind, "type-unrepresentable");
  const anonymous = objectWithGlobal((btf) => btf.struct("s", 8, [{ name: "", type: 1 }]));
  assert.equal(failureOf(anonymous).kind, "skeleton-too-large");
});

test("an object without types is told from a damaged one", () => {
  assert.equal(failureOf(buildElf([{ name: ".text" }])).kind, "btf-missing");
  assert.equal(failureOf(buildElf([{ name: ".BTF", data: new Uint8Array(24) }])).kind, "btf-corrupt");
});

/** Objects of few bytes that would give much text, or make much work. */
const hostile: Readonly<Record<string, () => Uint8Array>> = {
  "anonymous structs nested many times over": () =>
    objectWithGlobal((btf) => {
      let inner = btf.struct("", 8, []);
      for (let level = 0; level < 20; level++)
        inner = btf.struct(
          "",
          8,
          Array.from({ length: 20 }, () => ({ name: "", type: inner })),
        );
      return inner;
    }),
  "many members with long names": () =>
    objectWithGlobal((btf) => {
      const int = btf.int("int", 4);
      const name = "n".repeat(1000);
      return btf.struct(
        "s",
        8,
        Array.from({ length: 10_000 }, () => ({ name, type: int })),
      );
    }),
  "an enum of very many values": () =>
    objectWithGlobal((btf) => {
      const values = Object.fromEntries(
        Array.from({ length: 60_000 }, (_, index) => [`value${index}`, index]),
      );
      return btf.enum("e", values);
    }),
  "very many maps of one definition": () => {
    const btf = new BtfBuilder();
    const definition = btf.struct("", 8, [{ name: "type", type: btf.ptr(btf.array(btf.int("int", 4), 1)) }]);
    const map = btf.var("m", definition);
    btf.datasec(
      ".maps",
      8,
      Array.from({ length: 60_000 }, () => ({ type: map, at: 0, size: 8 })),
    );
    return objectOf(btf);
  },
};

for (const [what, make] of Object.entries(hostile))
  test(`${what} are refused`, () => assert.equal(failureOf(make()).kind, "skeleton-too-large"));
