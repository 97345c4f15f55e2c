import assert from "node:assert/strict";
import { test } from "node:test";
import { readElf } from "../../toolchain/src/elf/read.ts";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import { type Fields, load } from "./load.ts";
import { fixture, objectOfEveryKind, objectWithGlobal } from "./objects.ts";

const shapes = await load({ name: "shapes", object: fixture("shapes") });
const every = await load({ name: "every", object: objectOfEveryKind() });

/** A section of the object as it is before load. */
function section(property: string): Fields {
  const { map, size, View } = shapes.spec.sections[property]!;
  const memory = Memory.alloc(size);
  memory.u8.set(readElf(fixture("shapes")).section(map)!.data);
  return new View(memory, 0);
}

/** Writes a value by a type's codec, over bytes that were not zero, and returns what the codec reads back. */
function rewritten(codec: ReturnType<typeof shapes.codec>, value: Fields): Fields {
  const memory = Memory.alloc(codec.size);
  memory.u8.fill(0xff);
  codec.write(memory, 0, value);
  return codec.read(memory, 0);
}

test("globals have the values the C source gives them", () => {
  const data = section("data");
  assert.equal(data.negative1, -5);
  assert.equal(data.class, 1);
  assert.deepEqual([...data.masks], [1, 0x80000000, 0]);
  assert.deepEqual([...data.flags], [true, false, true]);
  assert.deepEqual([...data.pointers], [0xffff888000000000n, 0n]);
  assert.deepEqual(
    [...data.matrix].map((row) => [...row]),
    [
      [1n, 2n, 3n],
      [4n, 5n, 6n],
    ],
  );
});

test("bitfields of every width and sign are read and written", () => {
  const { fields1 } = section("data");
  const { a, b, c, d, e, f } = fields1;
  assert.deepEqual([a, b, c, d, e, f], [5, -7, 0xabcdef0123n, true, -5, -1234567890123456789n]);
  fields1.c = 1n;
  fields1.b = 15;
  assert.deepEqual(
    [fields1.a, fields1.b, fields1.c, fields1.d, fields1.f],
    [5, 15, 1n, true, -1234567890123456789n],
  );
  assert.throws(() => (fields1.b = 16), /fields\.b is a whole number from -16 to 15, not 16/);
  assert.throws(() => (fields1.c = 1n << 40n), RangeError);
});

test("packed structs are read at their odd offsets", () => {
  const [first] = section("data").packed1;
  assert.deepEqual(
    [first.c, first.l, [...first.arr], first.v.View, first.v.name],
    [97, -1n, [1n, 2n], 3, "name"],
  );
  first.arr[1] = 7n;
  first.l = -9n;
  assert.deepEqual([first.l, [...first.arr]], [-9n, [1n, 7n]]);
  const plain = shapes.codec("packed").read(first.$m, first.$at);
  assert.deepEqual(plain.arr, new BigUint64Array([1n, 7n]));
});

test("128-bit integers, floats and pointers keep their values", () => {
  const { wide1 } = section("data");
  const { a, b, f, d, cv, callback, forward } = wide1;
  assert.deepEqual([a, b, f, d, cv, callback, forward], [-1n, 2n, 1.5, -2.25, 3n, 0n, 0n]);
  wide1.a = -(1n << 127n);
  assert.equal(wide1.a, -(1n << 127n));
});

test("char arrays are text up to the NUL, with the bytes beside it", () => {
  const data = section("data");
  assert.deepEqual([...data.names], ["ab", "é\ufffd"]);
  const view = section("data").packed1[0].v;
  // `name$bytes` is a field of its own there.
  assert.deepEqual([...view.name$bytes$2], [...Buffer.from("name\0\0\0\0")]);
  view.name$bytes$2 = new Uint8Array([0x66, 0x6f, 0, 0x78]);
  assert.equal(view.name, "fo");
  assert.equal(view.name$bytes$2[3], 0x78);
  view.name = "12345678";
  assert.equal(view.name, "12345678");
  assert.throws(() => (view.name = "123456789"), /View\.name holds 8 bytes, and the text has 9/);
});

test("every member of a union is read; those given are written", () => {
  const { dup1 } = section("data");
  assert.deepEqual([dup1.x.a, dup1.y, dup1.z, dup1.low, dup1.high], [1, 0x20001, "\u0001", 1, 2]);
  const codec = shapes.codec("dup");
  assert.equal(rewritten(codec, { x: { a: 1 }, y: -1 }).high, 0xffff);
  assert.equal(rewritten(codec, { x: { a: 1 }, high: 3 }).y, 0x30000);
  assert.equal(rewritten(codec, { x: { a: 1 } }).y, 0);
});

test("64-bit fields can be read without a BigInt", () => {
  const constructor1: Fields = new (shapes.codec("constructor$").View)(Memory.alloc(48), 0);
  constructor1.valueOf = (1n << 53n) - 1n;
  assert.equal(constructor1.valueOf$number, Number.MAX_SAFE_INTEGER);
  assert.equal(section("data").packed1[0].l$number, -1);
});

test("a flexible array member is as long as its record", () => {
  assert.equal(section("data").text1.text, "abc");
  const codec = shapes.codec("flexible");
  const memory = Memory.alloc(24);
  memory.u32.set([2, 10, 0, 20, 0x6968]);
  assert.equal(codec.flexible, true);
  assert.deepEqual(codec.read(memory, 0, 20), {
    n: 2,
    items: [
      { k: 10, v: "" },
      { k: 20, v: "hi" },
    ],
  });
  assert.deepEqual(codec.read(memory, 0), { n: 2, items: [] });
  const view = new codec.View(memory, 0);
  assert.equal(view.items.length, 0);
  view.$end = 20;
  assert.deepEqual(
    [...view.items].map(({ k, v }) => [k, v]),
    [
      [10, ""],
      [20, "hi"],
    ],
  );
  assert.throws(() => codec.write(memory, 0, { n: 0, items: [{ k: 1, v: "" }] }), /flexible\.items/);
});

test("padding before the end of a struct is no flexible array member", async () => {
  const object = objectWithGlobal((btf) => {
    const char = btf.int("char", 1, { signed: true });
    return btf.struct("line", 16, [
      { name: "n", type: btf.int("unsigned long long", 8) },
      { name: "text", type: btf.array(char, 0), at: 64 },
    ]);
  }, 16);
  const made = await load({ name: "it", object });
  const codec = made.codec("line");
  const memory = Memory.alloc(16);
  memory.u8.fill(0x61);
  const read = codec.read(memory, 0);
  assert.equal(read.text, "");
  codec.write(memory, 0, read);
  assert.deepEqual([...memory.u8.subarray(8)], new Array(8).fill(0));
  memory.u8.fill(0x61);
  assert.equal(codec.read(memory, 0, 12).text, "aaaa");
});

test("the kernel's own fields are left out and left alone", () => {
  const codec = shapes.codec("locked");
  const memory = Memory.alloc(codec.size);
  memory.u8.fill(0xee);
  codec.write(memory, 0, { value: 5 });
  assert.deepEqual(codec.read(memory, 0), { value: 5 });
  assert.deepEqual([memory.u32[0], memory.u32[1], memory.u32[2]], [0xeeeeeeee, 5, 0xeeeeeeee]);
  assert.equal(new codec.View(memory, 0).lock$bytes.length, 4);
});

test("values that do not fit are refused by the field's name", () => {
  const data = section("data");
  assert.throws(() => (data.class = 2 ** 31), /data\.class is a whole number from -2147483648 to 2147483647/);
  assert.throws(() => (data.class = 1.5), RangeError);
  assert.throws(() => (data.class = "1"), /data\.class wants a number, not string/);
  assert.throws(() => (data.packed1[0].l = 1), /packed\.l wants a bigint, not number/);
  assert.throws(() => (data.matrix[0] = [1n, 2n, 3n, 4n]), RangeError);
  assert.throws(() => data.packed1.at(2), /2 elements, and no element 2/);
  assert.equal(data.packed1[2], undefined);
});

test("arrays in a section are live, and follow it to other memory", () => {
  const bss = new shapes.spec.sections.bss!.View(Memory.alloc(512), 0) as Fields;
  const array = bss.memory1.Array;
  array[1].length = 5;
  assert.equal(bss.memory1.Array[1].length, 5);
  array[2] = { length: 6 };
  assert.deepEqual(
    [...array].map(({ length }: { length: number }) => length),
    [0, 5, 6],
  );
  bss.$m = Memory.alloc(512);
  assert.equal(bss.memory1.Array[1].length, 0);
});

test("the last array of a section grows with it", async () => {
  const object = objectWithGlobal((btf) => btf.array(btf.int("unsigned int", 4), 2), 8);
  const made = await load({ name: "grown", object });
  const bss = new made.spec.sections.bss!.View(Memory.alloc(8), 0) as Fields;
  assert.equal(bss.it.length, 2);
  bss.$m = Memory.alloc(24);
  bss.$end = 20;
  bss.it = [1, 2, 3, 4, 5];
  assert.deepEqual([...bss.it], [1, 2, 3, 4, 5]);
  bss.it = [1, 2];
  assert.deepEqual([...bss.it], [1, 2, 0, 0, 0]);
  assert.throws(() => (bss.it = [1, 2, 3, 4, 5, 6]), /5 elements, not 6/);
});

test("types that clang 14 does not write are read as well", () => {
  const codec = every.codec("whole");
  const value = {
    wide: -3n,
    stage: -1,
    large: 1n << 40n,
    float: 0.5,
    named: 1n,
    text: "12345678",
    either: { number: 2n },
    parts: [1, 2, 3].map((x) => ({ x, flag: -1, rest: 77, y: -x })),
    grid: [
      [1, 2],
      [3, 4],
    ],
    call: 9n,
    tail: [],
  };
  const back = rewritten(codec, value);
  assert.deepEqual(back.parts, value.parts);
  assert.deepEqual([back.wide, back.stage, back.large, back.float], [-3n, -1, 1n << 40n, 0.5]);
  assert.deepEqual(
    [back.number, back.either.number, back.grid[1]],
    [0x3837363534333231n, 2n, new Int32Array([3, 4])],
  );
  assert.equal("tagged" in back, false);
  assert.equal(every.exported.large.SMALL, -1n);
});
