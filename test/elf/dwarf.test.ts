import assert from "node:assert/strict";
import { test } from "node:test";
import { AT, readDwarf, TAG } from "../../toolchain/src/elf/dwarf.ts";
import { readElf } from "../../toolchain/src/elf/read.ts";
import { fixture } from "../skeleton/objects.ts";
import { buildElf } from "./builder.ts";

/** An object of one unit, whose root has the attributes given: pairs of an attribute and a form, and their bytes. */
function unit(version: 4 | 5, attributes: readonly number[], values: readonly number[], more = {}) {
  const body = [1, ...values];
  const header = version === 5 ? [5, 0, 1, 8, 0, 0, 0, 0] : [4, 0, 0, 0, 0, 0, 8];
  const length = header.length + body.length;
  const sections = {
    ".debug_info": [length, 0, 0, 0, ...header, ...body],
    ".debug_abbrev": [1, TAG.unit, 0, ...attributes, 0, 0, 0],
    ".debug_str": [...Buffer.from("first\0second\0")],
    ".debug_str_offsets": [16, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 0],
    ...more,
  };
  const object = buildElf(
    Object.entries(sections).map(([name, data]) => ({ name, data: Uint8Array.from(data as number[]) })),
  );
  return readDwarf(readElf(object));
}

const rootOf = (dwarf: ReturnType<typeof readDwarf>) => Object.fromEntries(dwarf!.units[0]!.attributes);

test("what clang writes is read: functions, their variables and the types of these", () => {
  const dwarf = readDwarf(readElf(fixture("sends")))!;
  const [only, ...more] = dwarf.units;
  assert.deepEqual(more, []);
  const named = (tag: number, name: string) =>
    [...dwarf.entries.values()].find((entry) => entry.tag === tag && entry.attributes.get(AT.name) === name)!;
  assert.equal(only!.attributes.get(AT.name), "sends.bpf.c");
  const struct = named(TAG.structure, "on_stack");
  assert.equal(struct.attributes.get(AT.byteSize), 80);
  assert.deepEqual(
    struct.children
      .filter(({ tag }) => tag === TAG.member)
      .map(({ attributes }) => attributes.get(AT.name))
      .slice(0, 4),
    ["pid", "state", "comm", "when"],
  );
  const variable = named(TAG.subprogram, "sends_stack").children.find(({ tag }) => tag === TAG.variable)!;
  assert.equal(dwarf.entries.get(variable.attributes.get(AT.type) as number), struct);
  assert.equal(typeof variable.attributes.get(AT.location), "number");
});

test("texts are found directly and by their index, in either version", () => {
  const strx1 = 37;
  const strp = 14;
  assert.deepEqual(rootOf(unit(5, [AT.name, strx1], [1])), { [AT.name]: "second" });
  assert.deepEqual(rootOf(unit(4, [AT.name, strp], [6, 0, 0, 0])), { [AT.name]: "second" });
  assert.deepEqual(rootOf(unit(5, [AT.name, 8], [0x68, 0x69, 0])), { [AT.name]: "hi" });
});

test("numbers of every length, and a place on the stack", () => {
  const cases: readonly (readonly [
    form: number,
    bytes: readonly number[],
    value: number | bigint | undefined,
  ])[] = [
    [11, [0xff], 255],
    [5, [1, 2], 0x201],
    [6, [1, 0, 0, 0x80], 0x80000001],
    [7, [1, 0, 0, 0, 0, 0, 0, 0x80], 0x8000000000000001n],
    [13, [0x7f], -1],
    [13, [0x80, 0x7f], -128],
    [15, [0x80, 0x01], 128],
    [25, [], 1],
    // DW_OP_fbreg -8; the same with an operation after it, which is another place; and DW_OP_addr.
    [24, [2, 0x91, 0x78], -8],
    [24, [3, 0x91, 0x78, 0x06], undefined],
    [24, [9, 3, 0, 0, 0, 0, 0, 0, 0, 0], undefined],
  ];
  for (const [form, bytes, value] of cases)
    assert.equal(rootOf(unit(5, [AT.location, form], bytes))[AT.location], value, `form ${form}: ${bytes}`);
  // DW_FORM_implicit_const has its value beside the form.
  assert.equal(rootOf(unit(5, [AT.byteSize, 33, 0x7c], []))[AT.byteSize], -4);
});

/** DW_OP_breg10 +16, DW_OP_plus_uconst 8, DW_OP_piece 72: the second piece of a struct, of which the first has 8 bytes. */
const SECOND = [0x7a, 16, 0x23, 8, 0x93, 72];

test("a struct of which clang says piece by piece where it is has one place", () => {
  const placeOf = (...expression: number[]) =>
    rootOf(unit(5, [AT.location, 24], [expression.length, ...expression]))[AT.location];
  assert.equal(placeOf(0x93, 8, ...SECOND), 16, "the first piece is nowhere");
  assert.equal(placeOf(0x30, 0x9f, 0x93, 8, ...SECOND), 16, "it is 0");
  assert.equal(placeOf(0x9e, 2, 1, 2, 0x93, 8, ...SECOND), 16, "it is a value of two bytes");
  assert.equal(placeOf(0x70, 4, 0x06, 0x93, 8, ...SECOND), 16, "it is what a register points to");
  assert.equal(placeOf(0x7a, 16, 0x93, 8, 0x30, 0x9f, 0x93, 72), 16, "the second piece is 0");
  assert.equal(placeOf(0x30, 0x9f, 0x93, 8, 0x51, 0x93, 72), undefined, "none is in memory");
  assert.equal(placeOf(0x7a, 16, 0x9f), undefined, "a pointer to the place");
  assert.equal(placeOf(0xe0, 1, 0x93, 8, ...SECOND), undefined, "an operation of which nothing is known");
});

test("a variable that moves has the place of any range where it is in memory", () => {
  const expression = (...bytes: number[]) => [bytes.length, ...bytes];
  const nowhere = expression(0x51);
  const place = expression(0x93, 8, ...SECOND);
  const list = [
    ...[1, 0], // base_addressx
    ...[4, 0, 8, ...nowhere], // offset_pair
    ...[3, 0, 8, ...nowhere], // startx_length
    ...[6, 0, 0, 0, 0, 0, 0, 0, 0], // base_address
    ...[4, 0x80, 1, 0x90, 1, ...place],
    0,
  ];
  const header = [0, 0, 0, 0, 5, 0, 8, 0, 2, 0, 0, 0];
  const table = [8, 0, 0, 0, 9, 0, 0, 0];
  const sections = { ".debug_loclists": [...header, ...table, 0, ...list] };
  const found = (form: number, bytes: readonly number[], more: object, version: 4 | 5 = 5) =>
    rootOf(unit(version, [AT.location, form], bytes, more))[AT.location];
  assert.equal(found(34, [1], sections), 16, "by its number");
  assert.equal(found(34, [0], sections), undefined, "an empty list");
  assert.equal(found(23, [header.length + table.length + 1, 0, 0, 0], sections), 16, "by its offset");

  const range = (from: number, to: number) => [from, 0, 0, 0, 0, 0, 0, 0, to, 0, 0, 0, 0, 0, 0, 0];
  const base = [...new Array(8).fill(0xff), ...new Array(8).fill(0)];
  const old = [...base, ...range(0, 8), 1, 0, 0x51, ...range(8, 16), 2, 0, 0x91, 0x78, ...range(0, 0)];
  assert.equal(found(23, [0, 0, 0, 0], { ".debug_loc": old }, 4), -8, "as version 4 has it");
  assert.equal(found(23, [0, 0, 0, 0], { ".debug_loc": range(0, 0) }, 4), undefined);
  assert.equal(unit(5, [AT.location, 34], [200], sections), undefined, "a number past the end");
});

test("what cannot be read is as if it were not there", () => {
  assert.equal(readDwarf(readElf(buildElf([{ name: ".text" }]))), undefined);
  const unknownForm = 0x7f;
  assert.equal(unit(5, [AT.name, unknownForm], [0]), undefined);
  assert.equal(unit(5, [AT.name, 37], [9]), undefined, "the index of no text");
  assert.equal(unit(5, [AT.name, 14], [200, 0, 0, 0]), undefined, "a text past the end");
  assert.equal(unit(5, [AT.location, 24], [200, 1]), undefined, "an expression past the end");
  assert.equal(unit(5, [], [], { ".debug_info": [255, 0, 0, 0, 5, 0, 1, 8, 0, 0, 0, 0, 1] }), undefined);
  assert.equal(
    unit(5, [], [], { ".debug_info": [9, 0, 0, 0, 3, 0, 1, 8, 0, 0, 0, 0, 1] }),
    undefined,
    "version 3",
  );
  assert.equal(unit(5, [], [], { ".debug_abbrev": [2, 17, 0, 0, 0, 0] }), undefined, "no such abbreviation");
});

test("entries that are nested without an end are refused", () => {
  const deep = Array.from({ length: 5000 }, () => 1);
  const info = [0, 0, 0, 0, 5, 0, 1, 8, 0, 0, 0, 0, ...deep];
  const length = info.length - 4;
  info[0] = length & 255;
  info[1] = length >> 8;
  assert.equal(unit(5, [], [], { ".debug_info": info, ".debug_abbrev": [1, 17, 1, 0, 0, 0] }), undefined);
});
