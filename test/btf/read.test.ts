import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { readBtf } from "../../toolchain/src/btf/read.ts";
import { BtfBuilder } from "./builder.ts";

function read(make: (btf: BtfBuilder) => number) {
  const btf = new BtfBuilder();
  const id = make(btf);
  return readBtf(btf.bytes()).types[id]!;
}

function fails(bytes: Uint8Array, kind: string): void {
  assert.throws(
    () => readBtf(bytes),
    (error) => error instanceof Failure && error.failure.kind === kind,
  );
}

test("integers keep size, sign and encoding", () => {
  assert.deepEqual(
    read((btf) => btf.int("long", 8, { signed: true })),
    { kind: "int", name: "long", size: 8, signed: true, bool: false, bits: 64, bitOffset: 0 },
  );
  assert.deepEqual(
    read((btf) => btf.int("_Bool", 1, { bool: true, bits: 8 })),
    { kind: "int", name: "_Bool", size: 1, signed: false, bool: true, bits: 8, bitOffset: 0 },
  );
});

test("members have bit offsets, and sizes where they are bitfields", () => {
  const struct = read((btf) => {
    const int = btf.int("int", 4, { signed: true });
    return btf.struct("s", 8, [
      { name: "a", type: int, at: 0, bits: 5 },
      { name: "b", type: int, at: 32, bits: 0 },
    ]);
  });
  assert.ok(struct.kind === "struct");
  assert.deepEqual(struct.members, [
    { name: "a", type: 1, bitOffset: 0, bitSize: 5 },
    { name: "b", type: 1, bitOffset: 32, bitSize: 0 },
  ]);
});

test("enums are signed or not, of 32 and of 64 bits", () => {
  const values = (type: ReturnType<typeof read>) =>
    type.kind === "enum"
      ? Object.fromEntries(type.values.map(({ name, value }) => [name, value]))
      : undefined;
  assert.deepEqual(values(read((btf) => btf.enum("e", { A: -1, B: 2 }, { signed: true }))), {
    A: -1n,
    B: 2n,
  });
  assert.deepEqual(values(read((btf) => btf.enum64("e", { A: -1n, B: 1n << 40n }, true))), {
    A: -1n,
    B: 1n << 40n,
  });
  assert.deepEqual(values(read((btf) => btf.enum64("e", { A: (1n << 64n) - 1n }))), { A: (1n << 64n) - 1n });
});

test("an enum whose sign an old clang left out is signed if it has small negative values", () => {
  const sign = (values: Record<string, number>) => {
    const type = read((btf) => btf.enum("e", values));
    return type.kind === "enum" && type.signed;
  };
  assert.equal(sign({ ERROR: -22, OK: 0 }), true);
  assert.equal(sign({ NONE: -1, FIRST: 0 }), true);
  assert.equal(sign({ A: 1, HIGH: 0x80000000 }), false);
  assert.equal(sign({ A: 1, ALL: 0xffffffff }), false);
});

test("an enum without the sign's flag is unsigned if another one has it", () => {
  const btf = new BtfBuilder();
  btf.enum("e", { A: -1 }, { signed: true });
  const other = btf.enum("f", { B: 0xfffffff0, C: 0 });
  const type = readBtf(btf.bytes()).types[other]!;
  assert.equal(type.kind === "enum" && type.signed, false);
});

test("bytes that are no BTF are named", () => {
  fails(new Uint8Array(10), "btf-corrupt");
  fails(new Uint8Array(40), "btf-corrupt");
  const bytes = Buffer.from(new BtfBuilder().bytes());
  bytes[2] = 2;
  fails(bytes, "btf-unsupported");
});

test("a kind no one knows yet is named, not skipped", () => {
  const btf = new BtfBuilder();
  btf.raw("x", 25, 0, 0);
  fails(btf.bytes(), "btf-unsupported");
});

test("references, names and counts stay inside their tables", () => {
  const broken = (make: (btf: BtfBuilder) => void) => {
    const btf = new BtfBuilder();
    make(btf);
    return btf.bytes();
  };
  fails(
    broken((btf) => btf.ptr(9)),
    "btf-corrupt",
  );
  fails(
    broken((btf) => btf.raw("s", 4, 0xffff, 8)),
    "btf-corrupt",
  );
  fails(
    broken((btf) => btf.struct("s", 4, [{ name: "a", type: 7 }])),
    "btf-corrupt",
  );
  fails(
    broken((btf) => btf.int("i", 1, { bits: 9 })),
    "btf-corrupt",
  );
  const named = Buffer.from(broken((btf) => btf.int("int", 4)));
  named.writeUInt32LE(99, 24);
  fails(named, "btf-corrupt");
});
