import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import { type Fields, load } from "./load.ts";
import { mapDefinition, objectWithMaps } from "./objects.ts";

/** A map from and to struct key { int n; char name[8]; union { u32 id; char tag[4]; float ratio; }; }. */
const { spec } = await load({
  name: "texts",
  object: objectWithMaps((btf) => {
    const int = btf.int("int", 4, { signed: true });
    const char = btf.int("char", 1, { signed: true });
    const either = btf.union("", 4, [
      { name: "id", type: btf.int("unsigned int", 4) },
      { name: "tag", type: btf.array(char, 4) },
      { name: "ratio", type: btf.float("float", 4) },
    ]);
    const key = btf.struct("key", 16, [
      { name: "n", type: int, at: 0 },
      { name: "name", type: btf.array(char, 8), at: 32 },
      { name: "", type: either, at: 96 },
    ]);
    return { hash: mapDefinition(btf, { type: 1, max_entries: 1 }, { key, value: key }) };
  }),
});
const key = spec.maps.hash!.key as Fields;
const value = spec.maps.hash!.value as Fields;

function memoryOf(...bytes: readonly number[]): Memory {
  const memory = Memory.alloc(16);
  memory.u8.set(bytes);
  return memory;
}

/** Checks that a text, read and written again, gives the same bytes. */
function assertSame(codec: Fields, memory: Memory): void {
  const copy = Memory.alloc(16);
  copy.u8.fill(0xa5);
  codec.write(copy, 0, codec.read(memory, 0));
  assert.deepEqual(copy.u8, memory.u8);
}

test("a plain value of clean text has the text alone", () => {
  const memory = memoryOf(1, 0, 0, 0, ...Buffer.from("näme\0\0\0"), 0x41);
  assert.deepEqual(Object.keys(value.read(memory, 0)), ["n", "name", "id", "tag", "ratio"]);
  assert.equal(value.read(memory, 0).name, "näme");
  assert.deepEqual(value.read(memoryOf(), 0).name, "");
});

test("text that is no UTF-8 keeps its bytes beside it, and is written from them", () => {
  const memory = memoryOf(1, 0, 0, 0, 0xff, 0x62, 0xe9, 0, 0, 0, 0, 0);
  const read = value.read(memory, 0);
  assert.equal(read.name, "\ufffdb\ufffd");
  assert.deepEqual(read.name$bytes, new Uint8Array([0xff, 0x62, 0xe9, 0, 0, 0, 0, 0]));
  assertSame(value, memory);
});

test("a text that was changed is written, not the bytes it had", () => {
  const read = value.read(memoryOf(1, 0, 0, 0, 0xff), 0);
  const memory = Memory.alloc(16);
  value.write(memory, 0, { ...read, name: "new" });
  assert.equal(Buffer.from(memory.u8.subarray(4, 12)).toString(), "new\0\0\0\0\0");
});

test("what follows the NUL is noise in a value and part of a key", () => {
  const memory = memoryOf(1, 0, 0, 0, 0x61, 0, 0x62, 0, 0, 0, 0, 0x63);
  assert.equal(value.read(memory, 0).name$bytes, undefined);
  assert.equal(key.read(memory, 0).name, "a");
  assert.deepEqual([...key.read(memory, 0).name$bytes], [0x61, 0, 0x62, 0, 0, 0, 0, 0x63]);
  assertSame(key, memory);
  assert.equal(value.read(memory, 0).name$bytes, undefined);
});

test("a union that was read is written back to the same bytes", () => {
  for (const bytes of [
    [1, 0, 2, 0],
    [0xff, 0xff, 0xff, 0xff],
    [0, 0, 0x80, 0x7f],
    [1, 0, 0xa0, 0x7f],
    [0x61, 0x62, 0x63, 0x64],
  ]) {
    const memory = memoryOf(...new Array(12).fill(0), ...bytes);
    assertSame(value, memory);
    assertSame(key, memory);
  }
});

test("a byte order mark is text like any other", () => {
  const memory = memoryOf(1, 0, 0, 0, 0xef, 0xbb, 0xbf, 0x61);
  assert.equal(value.read(memory, 0).name, "\ufeffa");
  assertSame(value, memory);
});

test("long and full texts are whole", () => {
  const memory = memoryOf(1, 0, 0, 0, ...Buffer.from("12345678"));
  assert.equal(value.read(memory, 0).name, "12345678");
  assertSame(value, memory);
});
