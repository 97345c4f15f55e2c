import assert from "node:assert/strict";
import { test } from "node:test";
import { Position } from "../../toolchain/src/runtime/events/position.ts";

test("a position is the kernel's eight bytes, also where the upper four change", () => {
  const memory = new ArrayBuffer(24);
  const whole = new BigUint64Array(memory, 8, 1);
  let wanted = 0x5_ffff_ff00n;
  whole[0] = wanted;
  const position = new Position(memory, 8);
  assert.equal(position.value, -256);
  for (const bytes of [8, 240, 8, 64, 0x7fff_fff8, 0x7fff_fff8, 128, 8]) {
    position.advance(bytes);
    wanted += BigInt(bytes);
    assert.equal(whole[0], wanted, `${bytes}`);
    assert.equal(position.value, Number(BigInt.asIntN(32, wanted)));
  }
  assert.deepEqual([...new Uint8Array(memory, 0, 8), ...new Uint8Array(memory, 16)], new Array(16).fill(0));
});
