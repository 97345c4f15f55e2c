import assert from "node:assert/strict";
import { test } from "node:test";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import { zero } from "./codecs.ts";
import { type Fields, load } from "./load.ts";
import { fixture, objectOfEveryKind, objectWithGlobal } from "./objects.ts";

const shapes = await load({ name: "shapes", object: fixture("shapes") });
const every = await load({ name: "every", object: objectOfEveryKind() });

/**
 * struct packet { int proto; union { u32 v4; u8 v6[16]; struct { u8 kind; u16 port; } peer; bool up; }; float ratio; };
 */
const packets = await load({
  name: "packets",
  object: objectWithGlobal((btf) => {
    const u8 = btf.int("unsigned char", 1);
    const peer = btf.struct("peer", 4, [
      { name: "kind", type: u8 },
      { name: "port", type: btf.int("unsigned short", 2), at: 16 },
    ]);
    const either = btf.union("", 16, [
      { name: "v4", type: btf.int("unsigned int", 4) },
      { name: "v6", type: btf.array(u8, 16) },
      { name: "peer", type: peer },
      { name: "up", type: btf.int("_Bool", 1, { bool: true }) },
    ]);
    return btf.struct("packet", 24, [
      { name: "proto", type: btf.int("int", 4) },
      { name: "", type: either, at: 32 },
      { name: "ratio", type: btf.float("float", 4), at: 160 },
    ]);
  }, 24),
});
const packet = packets.codec("packet");

/** The bytes that a codec writes over bytes that were not zero. */
function written(codec: Fields, value: Fields): Uint8Array {
  const memory = Memory.alloc(codec.size);
  memory.u8.fill(0xff);
  codec.write(memory, 0, value);
  return memory.u8.slice(0, codec.size);
}

test("members that are not given are zero, at any depth", () => {
  const { read } = shapes.codec("Memory");
  const memory = Memory.alloc(shapes.codec("Memory").size);
  memory.u8.set(written(shapes.codec("Memory"), { View: { name: "n" }, Array: [{ length: 3 }] }));
  assert.deepEqual(read(memory, 0), {
    View: { View: 0, name: "n", name$bytes: 0 },
    Array: [{ length: 3 }, { length: 0 }, { length: 0 }],
  });
  for (const codec of [shapes.codec("Memory"), shapes.codec("wide"), every.codec("whole"), packet])
    assert.ok(written(codec, {}).every((byte, at) => byte === 0 || isKernels(codec, at)));
});

/** Whether a byte belongs to a pointer of the kernel's in `struct whole`, which is left alone. */
function isKernels(codec: Fields, at: number): boolean {
  return codec === every.codec("whole") && at >= 48 && at < 56;
}

test("members whose names every object inherits are not given by that", () => {
  const codec = shapes.codec("constructor$");
  const expected = new Uint8Array(codec.size);
  assert.deepEqual(written(codec, {}), expected);
  expected[0] = 7;
  assert.deepEqual(written(codec, { constructor$: 7 }), expected);
});

test("an array may be given in part, and no further", () => {
  const data = new shapes.spec.sections.data!.View(Memory.alloc(1024), 0) as Fields;
  data.matrix = [[1n, 2n, 3n], [4n]];
  assert.deepEqual(
    [...data.matrix].map((row) => [...row]),
    [
      [1n, 2n, 3n],
      [4n, 0n, 0n],
    ],
  );
  data.flags = [true];
  assert.deepEqual([...data.flags], [true, false, false]);
  assert.throws(() => (data.flags = [true, true, true, true]), /_Bool\[3\] has 3 elements, not 4/);
});

test("a member that the type does not have is refused, with the nearest one", () => {
  const write = (codec: Fields, value: Fields) => () => written(codec, value);
  assert.throws(write(packet, { porto: 1 }), {
    name: "TypeError",
    message: "struct packet has no member porto; did you mean proto?",
  });
  assert.throws(write(packet, { peer: { pord: 1 } }), /struct peer has no member pord; did you mean port\?/);
  assert.throws(write(packet, { zzz: 1 }), /^TypeError: struct packet has no member zzz$/);
  assert.throws(write(packet, 5), /struct packet wants an object, not number/);
  assert.throws(write(packet, null), /struct packet wants an object, not null/);
  assert.throws(write(packet, undefined), /struct packet wants an object, not undefined/);
  assert.throws(write(packet, { proto: null }), /packet\.proto wants a number, not null/);
});

test("one member of a union is enough", () => {
  const at4 = (...bytes: number[]) => {
    const all = new Uint8Array(24);
    all.set(bytes, 4);
    return all;
  };
  assert.deepEqual(written(packet, { v4: 0x01020304 }), at4(4, 3, 2, 1));
  assert.deepEqual(written(packet, { peer: { port: 0x0102 } }), at4(0, 0, 2, 1));
  assert.deepEqual(written(packet, { v6: [9, 8] }), at4(9, 8));
  assert.deepEqual(written(packet, { up: true }), at4(1));
});

test("members of a union that are zero give way to the one that is not", () => {
  for (const one of [{ v4: 5 }, { v6: new Uint8Array(16).fill(3) }, { peer: { kind: 0, port: 9 } }])
    assert.deepEqual(written(packet, { ...zero(packet), ...one }), written(packet, one));
});

test("values of the wrong type are refused in unions, zeros among them", () => {
  for (const value of [{ v4: 0n }, { v4: "" }, { v4: Number.NaN }, { up: 0 }, { v4: null }])
    assert.throws(() => written(packet, value), /packet\.(?:v4|up) /);
});

test("the bytes of a boolean in a union are not lost", () => {
  const memory = Memory.alloc(24);
  memory.u8[4] = 0x30;
  const read = packet.read(memory, 0);
  assert.equal(read.up, true);
  assert.deepEqual([...read.up$bytes], [0x30]);
  assert.deepEqual(written(packet, read), memory.u8);
  assert.equal(written(packet, { up: read.up, up$bytes: read.up$bytes })[4], 0x30);
  assert.equal(written(packet, { up: false, up$bytes: read.up$bytes })[4], 0);
});

test("what is written may be a view", () => {
  const memory = Memory.alloc(48);
  memory.u8.fill(0x41, 0, 20);
  const view = new packet.View(memory, 0);
  packet.write(memory, 24, view);
  assert.deepEqual(memory.u8.slice(24, 48), memory.u8.slice(0, 24));
});

test("zero makes the zero value of any codec, anew each time", () => {
  assert.deepEqual(zero(packet), {
    proto: 0,
    v4: 0,
    v6: new Uint8Array(16),
    peer: { kind: 0, port: 0 },
    up: false,
    ratio: 0,
  });
  assert.notEqual(zero(packet), zero(packet));
  for (const codec of Object.values({ ...shapes.exported, ...every.exported })) {
    if (codec.read === undefined) continue;
    const bytes = written(codec, zero(codec));
    const opaque = written(codec, {});
    assert.deepEqual(bytes, opaque);
  }
});
