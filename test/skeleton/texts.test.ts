import assert from "node:assert/strict";
import { test } from "node:test";
import { strings } from "../../toolchain/src/runtime/codec/text.ts";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import { type Fields, load } from "./load.ts";
import { mapDefinition, objectWithGlobal, objectWithMaps } from "./objects.ts";

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

test("what follows the NUL is kept out of sight in a value, and is part of a key", () => {
  const bytes = [0x61, 0, 0x62, 0, 0, 0, 0, 0x63];
  const memory = memoryOf(1, 0, 0, 0, ...bytes);
  for (const codec of [value, key]) {
    const read = codec.read(memory, 0);
    assert.equal(read.name, "a");
    assert.deepEqual([...read.name$bytes], bytes);
    assert.equal(Object.keys(read).includes("name$bytes"), codec === key);
    assertSame(codec, memory);
  }
  const read = value.read(memory, 0);
  assert.deepEqual(read, value.read(memoryOf(1, 0, 0, 0, 0x61), 0));
  assert.doesNotMatch(JSON.stringify(read), /bytes/);
  assert.equal({ ...read }.name$bytes, undefined);
  assert.equal(value.read(memoryOf(1, 0, 0, 0, 0x61), 0).name$bytes, undefined);
});

test("every byte after the NUL counts, wherever it is", () => {
  for (let at = 1; at < 8; at++) {
    const memory = memoryOf(1, 0, 0, 0, 0x61);
    memory.u8[4 + at] = 0x80;
    if (at > 1) assert.equal(value.read(memory, 0).name$bytes[at], 0x80);
    assertSame(value, memory);
  }
});

test("a text that is given by its bytes alone is written", () => {
  const memory = Memory.alloc(16);
  value.write(memory, 0, { n: 1, name$bytes: new Uint8Array([0x61, 0, 0x62]) });
  assert.deepEqual([...memory.u8.subarray(4, 12)], [0x61, 0, 0x62, 0, 0, 0, 0, 0]);
  assert.throws(() => value.write(memory, 0, { name$bytes: new Uint8Array(9) }), /key\.name holds 8 bytes/);
});

test("the texts of an array have their bytes beside them, in a value and on a view", async () => {
  const object = objectWithGlobal((btf) => {
    const char = btf.int("char", 1, { signed: true });
    return btf.struct("names", 16, [{ name: "names", type: btf.array(btf.array(char, 4), 4) }]);
  }, 16);
  const { codec } = await load({ name: "it", object });
  const names = codec("names");
  const memory = memoryOf(0x61, 0, 0x62, 0, 0xff, 0, 0, 0, 0x63);
  const read = names.read(memory, 0);
  assert.deepEqual(read.names, ["a", "\ufffd", "c", ""]);
  assert.deepEqual(read.names$bytes, memory.u8);
  assert.deepEqual(new names.View(memory, 0).names$bytes, memory.u8);
  assertSame(names, memory);
  // A text that is changed is written; the others still have their bytes.
  const copy = Memory.alloc(16);
  names.write(copy, 0, { ...read, names: ["a", "\ufffd", "new", ""] });
  assert.deepEqual([...copy.u8.subarray(0, 12)], [0x61, 0, 0x62, 0, 0xff, 0, 0, 0, 0x6e, 0x65, 0x77, 0]);
  memory.u8.fill(0xff, 4, 8);
  const full = names.read(memory, 0);
  names.write(copy, 0, { ...full, names: ["b", full.names[1]] });
  assert.deepEqual([...copy.u8], [0x62, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 0]);
  assert.throws(
    () => names.write(copy, 0, { ...full, names: ["", "", "", "", ""] }),
    /has 4 elements, not 5/,
  );
});

test("texts that lie one after the other are told apart", () => {
  const of = (text: string) => {
    const memory = Memory.alloc(16);
    memory.u8.set(Buffer.from(text), 4);
    const read = value.read(memory, 0);
    return strings(read.name, read.name$bytes);
  };
  assert.deepEqual(of("ls\0-l\0é\0"), ["ls", "-l", "é"]);
  assert.deepEqual(of("a\0\0b"), ["a", "", "b"]);
  assert.deepEqual(of("\0b"), ["", "b"]);
  assert.deepEqual([of("ls"), of("")], [["ls"], []]);
  assert.deepEqual(strings("", Buffer.from("a\0b\0cut").subarray(0, 4)), ["a", "b"]);
});

test("flexible text goes on after its NUL as well", async () => {
  const object = objectWithGlobal((btf) => {
    const char = btf.int("char", 1, { signed: true });
    const int = btf.int("int", 4);
    return btf.struct("line", 4, [
      { name: "n", type: int },
      { name: "text", type: btf.array(char, 0), at: 32 },
    ]);
  }, 4);
  const { codec } = await load({ name: "it", object });
  const memory = memoryOf(1, 0, 0, 0, 0x61, 0, 0x62, 0);
  const read = codec("line").read(memory, 0, 7);
  assert.equal(read.text, "a");
  assert.deepEqual([...read.text$bytes], [0x61, 0, 0x62]);
  assert.equal(codec("line").read(memory, 0, 6).text$bytes, undefined);
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
