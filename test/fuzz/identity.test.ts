import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Memory } from "../../toolchain/src/runtime/memory.ts";
import { type Fields, load } from "../skeleton/load.ts";
import { objectWithGlobal } from "../skeleton/objects.ts";
import { addType, type Composite, composite, layoutOf, leaves } from "./random-types.ts";

/** How many types are tried, with several contents each. A failure prints the seed, and the smallest type that fails. */
const COUNT = Number(process.env.TYPES ?? 300);
const SEED = Number(process.env.SEED ?? 1);

/** The bits that some member covers; all others are padding. */
function meaning(type: Composite): Uint8Array {
  const mask = new Uint8Array(layoutOf(type).size);
  leaves(type, (_leaf, first, count) => {
    for (let bit = first; bit < first + count; bit++) mask[bit >>> 3]! |= 1 << (bit & 7);
  });
  return mask;
}

/**
 * Makes of random bytes some that C could have written. A boolean that shares its byte with nobody is 0 or 1, and a float
 * is no NaN, of which JavaScript has only one; in unions they may be anything, as their bytes may be another member's.
 */
function settle(type: Composite, bytes: Uint8Array): void {
  leaves(type, (leaf, first, _count, overlapped, inArray) => {
    if (overlapped) return;
    if (leaf.kind === "bool") bytes[first >>> 3]! &= 1;
    // The bit decides whether the exponent can be all ones.
    if (leaf.kind === "float" && !inArray) bytes[(first >>> 3) + leaf.size - 1]! &= 0xbf;
  });
}

/** Bytes such as programs have: texts with ends, zeros, small numbers, and anything. */
const byte = fc.oneof(
  fc.constant(0),
  fc.constantFrom(1, 0x61, 0x7f, 0x80, 0xff, 0xc3, 0xa9),
  fc.integer({ min: 0, max: 255 }),
);

interface Sample {
  readonly type: Composite;
  readonly contents: readonly Uint8Array[];
}

const samples: fc.Arbitrary<Sample> = composite
  .filter((type) => layoutOf(type).size <= 4096)
  .chain((type) => {
    const { size } = layoutOf(type);
    const content = fc.array(byte, { minLength: size, maxLength: size }).map((all) => Uint8Array.from(all));
    return fc.record({
      type: fc.constant(type),
      contents: fc.array(content, { minLength: 3, maxLength: 3 }),
    });
  });

async function codecOf(type: Composite): Promise<Fields> {
  const { size } = layoutOf(type);
  const object = objectWithGlobal((btf) => addType(btf, type), size);
  const { exported, spec } = await load({ name: "it", object });
  const view = new spec.sections.bss!.View(Memory.alloc(size), 0) as Fields;
  const codec = Object.values(exported).find((one) => one.View === view.it.constructor);
  assert.equal(codec.size, size);
  return codec;
}

/** Writes a value over bytes that are all `fill`, and checks what is there then, and that nothing is beside it. */
function checkWritten(
  codec: Fields,
  value: unknown,
  fill: number,
  mask: Uint8Array,
  bytes: Uint8Array,
): void {
  const memory = Memory.alloc(codec.size + 16);
  memory.u8.fill(fill);
  codec.write(memory, 8, value);
  const expected = bytes.map((one, index) => one & mask[index]!);
  assert.deepEqual(memory.u8.slice(8, 8 + codec.size), expected);
  const beside = [...memory.u8.subarray(0, 8), ...memory.u8.subarray(8 + codec.size)];
  assert.ok(beside.every((one) => one === fill));
}

test(`what is read of ${COUNT} random types is written back to the same bits, and padding is zero (seed ${SEED})`, async () => {
  const property = fc.asyncProperty(samples, async ({ type, contents }) => {
    const codec = await codecOf(type);
    const mask = meaning(type);
    for (const bytes of contents) {
      settle(type, bytes);
      const memory = Memory.alloc(codec.size);
      memory.u8.set(bytes);
      const value = codec.read(memory, 0);
      checkWritten(codec, value, 0, mask, bytes);
      checkWritten(codec, value, 0xff, mask, bytes);
    }
  });
  await fc.assert(property, { numRuns: COUNT, seed: SEED });
});
