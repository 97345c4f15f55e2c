import assert from "node:assert/strict";
import { test } from "node:test";
import { type Code, follow, Steps } from "../../toolchain/src/skeleton/infer/flow.ts";
import type { Known } from "../../toolchain/src/skeleton/infer/values.ts";

type Words = readonly [code: number, dst: number, src: number, offset: number, imm: number];

// The instructions of the tests, by the names that the kernel's documentation has for them.
const mov = (dst: number, imm: number): Words => [0xb7, dst, 0, 0, imm];
const copy = (dst: number, src: number): Words => [0xbf, dst, src, 0, 0];
const add = (dst: number, imm: number): Words => [0x07, dst, 0, 0, imm];
const store = (offset: number, src: number): Words => [0x7b, 10, src, offset, 0];
const store32 = (offset: number, src: number): Words => [0x63, 10, src, offset, 0];
const reload = (dst: number, offset: number): Words => [0x79, dst, 10, offset, 0];
const call = (helper: number): Words => [0x85, 0, 0, 0, helper];
const callOwn = (imm: number): Words => [0x85, 0, 1, 0, imm];
const jumpIfZero = (register: number, offset: number): Words => [0x15, register, 0, offset, 0];
const jump = (offset: number): Words => [0x05, 0, 0, offset, 0];
const fetchAdd = (src: number): Words => [0xdb, 10, src, -8, 1];
const exit: Words = [0x95, 0, 0, 0, 0];
/** A wide instruction, which takes two places. The test says in `maps` that it loads a map. */
const wide = (dst: number): Words[] => [
  [0x18, dst, 0, 0, 5],
  [0, 0, 0, 0, 0],
];

function code(words: readonly Words[], maps: Readonly<Record<number, string>> = {}): Code {
  const bytes = Buffer.alloc(words.length * 8);
  for (const [at, [operation, dst, src, offset, imm]] of words.entries()) {
    bytes[at * 8] = operation;
    bytes[at * 8 + 1] = dst | (src << 4);
    bytes.writeInt16LE(offset, at * 8 + 2);
    bytes.writeInt32LE(imm, at * 8 + 4);
  }
  const places = new Map(Object.entries(maps).map(([at, map]) => [Number(at), map]));
  return { bytes, from: 0, to: words.length, maps: places };
}

/** What is known of a register where the helper with number 25 is called. */
function atOutput(
  register: number,
  words: readonly Words[],
  maps?: Readonly<Record<number, string>>,
): Known | undefined {
  const calls = follow(code(words, maps), new Steps())!.calls.filter(({ helper }) => helper === 25);
  assert.equal(calls.length, 1);
  return calls[0]!.state.register(register);
}

test("constants, addresses of maps and places on the stack are followed through copies", () => {
  const words = [...wide(6), copy(2, 6), mov(5, 8), add(5, 16), copy(4, 10), add(4, -24), call(25), exit];
  assert.deepEqual(atOutput(2, words, { 0: "events" }), { kind: "map", map: "events" });
  assert.deepEqual(atOutput(2, words), { kind: "number", number: 5 });
  assert.deepEqual(atOutput(5, words), { kind: "number", number: 24 });
  assert.deepEqual(atOutput(4, words), { kind: "stack", offset: -24 });
  assert.equal(follow(code(words), new Steps())!.lowest, -24);
});

test("a pointer is known again after it was kept on the stack", () => {
  const lookup = [...wide(1), call(1), store(-16, 0)];
  const known = atOutput(4, [...lookup, reload(4, -16), call(25), exit], { 0: "heap" });
  assert.deepEqual(known, { kind: "pointer", from: [{ key: "call 2", lookup: "heap" }] });
  assert.equal(
    atOutput(4, [...lookup, store32(-12, 6), reload(4, -16), call(25), exit], { 0: "heap" }),
    undefined,
  );
  assert.equal(atOutput(4, [...lookup, reload(4, -16), add(4, 8), call(25), exit], { 0: "heap" }), undefined);
});

test("what is called may write where it is given an address, as far as the next argument says", () => {
  const kept = [mov(6, 7), store(-8, 6), store(-32, 6), copy(1, 10), add(1, -32)];
  const rest = [reload(4, -8), reload(5, -32), call(25), exit];
  const both = (between: readonly Words[]) =>
    [4, 5].map((register) => atOutput(register, [...kept, ...between, ...rest]));
  const seven: Known = { kind: "number", number: 7 };
  assert.deepEqual(both([mov(2, 16), call(16)]), [seven, undefined]);
  assert.deepEqual(both([copy(2, 6), mov(2, 0), call(16)]), [undefined, undefined]);
  assert.deepEqual(both([callOwn(3)]), [undefined, undefined]);
  // The lookup of an element only reads its key.
  assert.deepEqual(both([copy(2, 1), call(1)]), [seven, seven]);
});

test("where ways meet, only what they agree on is known", () => {
  const meets = (one: number, other: number) => [
    jumpIfZero(1, 2),
    mov(5, one),
    jump(1),
    mov(5, other),
    call(25),
    exit,
  ];
  assert.deepEqual(atOutput(5, meets(8, 8)), { kind: "number", number: 8 });
  assert.equal(atOutput(5, meets(8, 16)), undefined);
});

test("where two pointers meet, both places are known, and a null pointer is none", () => {
  const words = [
    copy(6, 1),
    jumpIfZero(6, 4),
    call(131),
    copy(4, 0),
    jump(3),
    exit,
    mov(4, 0),
    jump(0),
    call(25),
    exit,
  ];
  assert.deepEqual(atOutput(4, words), { kind: "pointer", from: [{ key: "call 2", lookup: undefined }] });
  const two = [jumpIfZero(1, 3), call(131), copy(4, 0), jump(2), call(131), copy(4, 0), call(25), exit];
  const known = atOutput(4, two);
  assert.deepEqual(known?.kind === "pointer" && known.from.map(({ key }) => key).sort(), [
    "call 1",
    "call 4",
  ]);
});

test("a loop ends, and what changes in it is unknown", () => {
  const words = [mov(5, 0), mov(4, 3), add(5, 1), jumpIfZero(1, -2), call(25), exit];
  assert.equal(atOutput(5, words), undefined);
  assert.deepEqual(atOutput(4, words), { kind: "number", number: 3 });
});

test("an atomic operation that returns the old value overwrites its operand", () => {
  assert.equal(atOutput(5, [mov(5, 3), fetchAdd(5), call(25), exit]), undefined);
});

test("what a call leaves in the registers of arguments is unknown", () => {
  assert.equal(atOutput(5, [mov(5, 3), call(5), call(25), exit]), undefined);
  assert.deepEqual(atOutput(3, [call(25), exit]), {
    kind: "pointer",
    from: [{ key: "argument 3", argument: 3 }],
  });
});

test("jumps out of the function and instructions that are cut short are not followed", () => {
  const { calls } = follow(code([jump(1000), call(25)]), new Steps())!;
  assert.deepEqual(calls, []);
  const cut = { ...code([...wide(1), call(25)]), bytes: Buffer.from([0x18, 1, 0]) };
  assert.deepEqual(follow(cut, new Steps())!.calls, []);
});
