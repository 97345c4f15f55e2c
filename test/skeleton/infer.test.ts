import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import { generateSkeleton } from "../../toolchain/src/skeleton/index.ts";
import { skeletonWords } from "../../toolchain/src/skeleton/words.ts";
import { BtfBuilder } from "../btf/builder.ts";
import { buildElf } from "../elf/builder.ts";
import { load } from "./load.ts";
import { fixture, fixtureSources, mapDefinition, objectWithMaps } from "./objects.ts";

const object = fixture("sends");
const notes: string[] = [];
const text = generateSkeleton({ name: "sends", object }, (line) => notes.push(line));
const sends = await load({ name: "sends", object });

/** The type of a map's events in the generated file. */
const typeOf = (map: string, from = text) =>
  new RegExp(`readonly ${map}: (?:RingBuffer|UserRingBuffer|PerfEventArray)<([\\w$]+), ([\\w$]+)>;`).exec(
    from,
  )?.[1];
const noteOf = (map: string) => notes.find((line) => line.includes(`events of ${map} are`));

const INFERRED: Readonly<Record<string, string>> = {
  stack: "on_stack",
  ring: "reserved",
  part: "scratch",
  buffer: "reserved",
  argument: "handed",
  member: "inner",
  point: "point_t",
};
for (const [map, type] of Object.entries(INFERRED))
  test(`the events of ${map} are what is sent: ${type}`, () => {
    assert.equal(typeOf(map), type);
    assert.equal(noteOf(map), undefined);
    assert.match(text, new RegExp(`was inferred from what the program sends\\. \\*/\n +readonly ${map}: `));
  });

/** Why each other map stays without a type. */
const UNTYPED: Readonly<Record<string, RegExp>> = {
  either: /they may be struct one or struct two\./,
  several_places: /they may be struct handed or struct one\./,
  nowhere: /nothing in this program sends any/,
  nameless: /the 40 bytes that sends_nameless sends have no type/,
  mistaken: /the 24 bytes that sends_mistaken sends have no type/,
  slice: /the 16 bytes that sends_slice sends have no type/,
  context: /the 64 bytes that sends_context sends have no type/,
  descriptors: /nothing in this program sends any/,
  commands: /user space sends them, and no type is declared/,
};
for (const [map, why] of Object.entries(UNTYPED))
  test(`the events of ${map} stay bytes, and a note says why`, () => {
    assert.equal(typeOf(map), "Uint8Array");
    assert.match(noteOf(map) ?? "", why);
  });

test("there is a note for each map without a type, and no other", () => {
  assert.equal(notes.length, Object.keys(UNTYPED).length, notes.join("\n"));
});

test("a note names the map's line, and both ways to say the type", () => {
  const lines: string[] = [];
  const sources = fixtureSources("sends.bpf.c");
  generateSkeleton({ name: "sends", object, sources }, (line) => lines.push(line));
  const line = lines.find((one) => one.includes("events of descriptors"));
  const before = sources[0]!.text.split("} descriptors SEC")[0]!;
  const at = before.slice(0, before.lastIndexOf("struct {")).split("\n").length;
  assert.ok(line?.startsWith(`sends.bpf.c:${at}: note: `), line);
  assert.match(line!, /events: \{ descriptors: "struct …" \}/);
  assert.match(line!, /BPF_APP_EVENT\(descriptors, struct …\);/);
});

test("a type that only the debugging information has is read as C lays it out", () => {
  const memory = Memory.alloc(128);
  const bytes = memory.u8;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  view.setUint32(0, 42, true);
  view.setInt32(4, -1, true);
  bytes.set(Buffer.from("comm"), 8);
  view.setBigInt64(24, -5n, true);
  view.setUint16(32, (1000 << 3) | 5, true);
  bytes[34] = 1;
  view.setUint32(36, 0x01020304, true);
  view.setInt16(40 + (1 * 3 + 2) * 4 + 2, -7, true);
  view.setFloat64(64, 0.5, true);
  view.setBigUint64(72, 9n, true);
  const codec = sends.codec("on_stack");
  const value = codec.read(memory, 0);
  const { pid, state, comm, when, flag, rest, last, number, share, address } = value;
  assert.deepEqual(
    { pid, state, comm, when, flag, rest, last, number, share, address, y: value.pairs[1][2].y },
    {
      pid: 42,
      state: -1,
      comm: "comm",
      when: -5n,
      flag: 5,
      rest: 1000,
      last: true,
      number: 0x01020304,
      share: 0.5,
      address: 9n,
      y: -7,
    },
  );
});

test("an integer of four bytes is no type of a perf event array's events, and in no one's way", () => {
  assert.equal(typeOf("described"), "handed");
  assert.deepEqual([sends.spec.maps.described!.valueSize, sends.spec.maps.descriptors!.valueSize], [4, 4]);
  assert.equal(sends.spec.maps.descriptors!.value, undefined);
  // In a ring buffer there are no descriptors: there it is what the events are.
  const ring = objectWithMaps((btf) => ({
    rb: mapDefinition(btf, { type: 27 }, { value: btf.int("int", 4) }),
  }));
  assert.equal(typeOf("rb", generateSkeleton({ name: "it", object: ring })), "number");
});

const configured = (map: string, type: string) =>
  generateSkeleton({ name: "sends", object, events: [{ map, type }] });

test("what the configuration names is stronger than everything else", () => {
  assert.equal(typeOf("nowhere", configured("nowhere", "struct scratch")), "scratch");
  assert.equal(typeOf("either", configured("either", "struct two")), "two");
  assert.equal(typeOf("stack", configured("stack", "point_t")), "point_t");
  assert.equal(typeOf("described", configured("described", "struct key")), "key");
  assert.equal(typeOf("commands", configured("commands", "  struct   reserved ")), "reserved");
  assert.equal(typeOf("nowhere", configured("nowhere", "u64")), "bigint");
});

function failure(make: () => unknown): { failure: object; said: string } {
  try {
    make();
  } catch (error) {
    assert.ok(error instanceof Failure);
    const { what, why, next } = skeletonWords(error.failure as never);
    return { failure: error.failure, said: `${what} ${why} ${next}` };
  }
  return assert.fail("nothing was thrown");
}

test("a type or a map that is not there is refused, with the nearest one", () => {
  const type = failure(() => configured("nowhere", "struct scrtch"));
  assert.match(type.said, /events: \{ nowhere: "struct scrtch" \}.*Did you mean struct scratch\?/);
  const map = failure(() => configured("nowher", "struct scratch"));
  assert.match(map.said, /events: \{ nowher: "struct scratch" \}.*Did you mean nowhere\?/);
  const hash = failure(() => configured("scratch", "struct scratch"));
  assert.equal((hash.failure as { kind: string }).kind, "event-map-unknown");
});

test("without debugging information less is inferred, and nothing wrong", () => {
  const lines: string[] = [];
  const bare = generateSkeleton(
    { name: "sends", object, compiled: without(object, ".debug_info") },
    (line) => {
      lines.push(line);
    },
  );
  assert.equal(typeOf("part", bare), "scratch");
  assert.equal(typeOf("stack", bare), "Uint8Array");
  assert.ok(lines.some((line) => line.includes("events of stack are")));
});

/** The object, in which a section has another name. */
function without(bytes: Uint8Array, section: string): Uint8Array {
  const copy = Buffer.from(bytes);
  for (let at = copy.indexOf(section); at >= 0; at = copy.indexOf(section, at + 1)) copy[at] = 0x78;
  return copy;
}

test("a program that is too long to be followed leaves its maps without a type", () => {
  const btf = new BtfBuilder();
  const map = btf.var("rb", mapDefinition(btf, { type: 27 }));
  btf.datasec(".maps", 64, [{ type: map, at: 0, size: 64 }]);
  // Every instruction may jump to the last one, and so do 150,000 of them.
  const code = Buffer.alloc(150_000 * 8);
  for (let at = 0; at + 8 < code.length; at += 8) {
    code[at] = 0x15;
    code.writeInt16LE(Math.min(30_000, code.length / 8 - at / 8 - 2), at + 2);
  }
  code[code.length - 8] = 0x95;
  const long = buildElf(
    [
      { name: ".maps", flags: 3, data: new Uint8Array(64) },
      { name: "tp/x", flags: 6, data: code },
      { name: ".BTF", data: btf.bytes() },
    ],
    Array.from({ length: 20 }, (_, index) => ({ name: `f${index}`, section: 2, size: code.length, type: 2 })),
  );
  const lines: string[] = [];
  generateSkeleton({ name: "it", object: long }, (line) => lines.push(line));
  assert.match(lines[0] ?? "", /it cannot be followed what the program sends to which map/);
});
