import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { resolve, sizeOf, spell } from "../../toolchain/src/btf/layout.ts";
import { readBtf } from "../../toolchain/src/btf/read.ts";
import { BtfBuilder } from "./builder.ts";

function made(make: (btf: BtfBuilder) => number) {
  const btf = new BtfBuilder();
  const id = make(btf);
  return { btf: readBtf(btf.bytes()), id };
}

test("typedefs and qualifiers are seen through; the nearest name and the tags are kept", () => {
  const { btf, id } = made((b) => {
    const struct = b.struct("", 4, []);
    const inner = b.modifier("typedef", b.modifier("const", struct), "inner_t");
    return b.modifier("volatile", b.modifier("typeTag", b.modifier("typedef", inner, "outer_t"), "uptr"));
  });
  const { type, typedef, tags } = resolve(btf, id);
  assert.deepEqual([type.kind, typedef, tags], ["struct", "inner_t", ["uptr"]]);
});

test("sizes follow arrays; what has none has undefined", () => {
  const sized = (make: (btf: BtfBuilder) => number) => {
    const { btf, id } = made(make);
    return sizeOf(btf, id);
  };
  assert.equal(
    sized((b) => b.array(b.array(b.int("int", 4), 3), 5)),
    60,
  );
  assert.equal(
    sized((b) => b.array(b.ptr(0), 2)),
    16,
  );
  assert.equal(
    sized((b) => b.fwd("s")),
    undefined,
  );
  assert.equal(
    sized((b) => b.array(b.fwd("s"), 2)),
    undefined,
  );
});

test("types that go in a circle, or are larger than memory, are corrupt", () => {
  const corrupt = (make: (btf: BtfBuilder) => number) => {
    const { btf, id } = made(make);
    assert.throws(
      () => sizeOf(btf, id),
      (error) => error instanceof Failure && error.failure.kind === "btf-corrupt",
    );
  };
  corrupt((b) => b.modifier("typedef", 1, "t"));
  corrupt((b) => b.array(1, 1));
  corrupt((b) => b.array(b.array(b.int("int", 4), 0x10000), 0x10000));
});

test("a type is spelt as in C", () => {
  const spelt = (make: (btf: BtfBuilder) => number) => {
    const { btf, id } = made(make);
    return spell(btf, id);
  };
  assert.equal(
    spelt((b) => b.ptr(b.ptr(b.modifier("const", b.int("char", 1))))),
    "const char **",
  );
  assert.equal(
    spelt((b) => b.array(b.array(b.struct("s", 4, []), 3), 2)),
    "struct s[2][3]",
  );
  assert.equal(
    spelt((b) => b.ptr(0)),
    "void *",
  );
  assert.equal(
    spelt((b) => b.enum("", {})),
    "enum (anonymous)",
  );
});
