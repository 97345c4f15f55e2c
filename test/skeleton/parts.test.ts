import assert from "node:assert/strict";
import { test } from "node:test";
import { partsOf } from "../../toolchain/src/skeleton/parts.ts";
import { BtfBuilder } from "../btf/builder.ts";
import { fixture, objectOf } from "./objects.ts";

/** SHF_ALLOC | SHF_EXECINSTR */
const CODE = 6;

/** Instructions of 8 bytes: the code, the registers (source above, destination below) and the immediate value. */
function code(...instructions: readonly (readonly [code: number, registers: number, immediate: number])[]) {
  const bytes = new Uint8Array(8 * instructions.length);
  const view = new DataView(bytes.buffer);
  for (const [index, [op, registers, immediate]] of instructions.entries()) {
    view.setUint8(8 * index, op);
    view.setUint8(8 * index + 1, registers);
    view.setInt32(8 * index + 4, immediate, true);
  }
  return bytes;
}

function partsWith(...sections: Uint8Array[]) {
  const named = sections.map((data, index) => ({
    name: index === 0 ? "xdp" : ".text",
    flags: CODE,
    data,
  }));
  return partsOf(objectOf(new BtfBuilder(), named));
}

test("helpers are those that programs and their subprograms call, each once and in order", () => {
  const { helpers } = partsWith(
    code([0x85, 0, 14], [0x85, 0, 1], [0x95, 0, 0]),
    code([0x85, 0, 14], [0x85, 0, 6]),
  );
  assert.deepEqual(helpers, [1, 6, 14]);
});

test("calls of the object's own functions and of the kernel's are no helpers, nor is a number that looks like a call", () => {
  const { helpers } = partsWith(
    code(
      [0x85, 0x10, 5],
      [0x85, 0x20, 7],
      [0x18, 0, 0],
      [0x85, 0, 9],
      [0x85, 0, 0],
      [0x85, 0, -1],
      [0x85, 0, 1 << 20],
    ),
  );
  assert.deepEqual(helpers, []);
});

test("a subtraction of registers is seen, in 32 and in 64 bits, and one of a number is not", () => {
  assert.equal(partsWith(code([0x1f, 0x12, 0])).subtracts, true);
  assert.equal(partsWith(code([0x1c, 0x12, 0])).subtracts, true);
  assert.equal(
    partsWith(code([0x17, 0x02, 8], [0x0f, 0x12, 0], [0x18, 0, 0], [0x1f, 0, 0])).subtracts,
    false,
  );
});

test("a section that ends within an instruction is read as far as it goes", () => {
  assert.deepEqual(partsWith(code([0x85, 0, 14], [0x85, 0, 1]).subarray(0, 12)).helpers, [14]);
});

test("an object that was compiled", () => {
  const { programs, maps, helpers } = partsOf(fixture("events"));
  assert.ok(programs.every(({ section }) => section !== ""));
  assert.ok(maps.some(({ type }) => type === "ringbuf"));
  assert.ok(helpers.length > 0);
});
