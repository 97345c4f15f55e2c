import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import { btfOfImage } from "../../toolchain/src/cross/image.ts";

const STRINGS = 600_000;
const TYPES = 700_000;

/** A section of BTF of the size that kernels have. */
function btf(): Buffer {
  const head = Buffer.alloc(24);
  head.writeUInt16LE(0xeb9f, 0);
  head[2] = 1;
  [24, 0, TYPES, TYPES, STRINGS].forEach((value, index) => {
    head.writeUInt32LE(value, 4 + 4 * index);
  });
  return Buffer.concat([head, randomBytes(TYPES + STRINGS)]);
}

/** What only begins like BTF: the kernel's own code compares with these bytes. */
const LOOKALIKE = Buffer.concat([Buffer.from("9feb010018000000", "hex"), Buffer.alloc(200, 0xff)]);

test("the BTF of an image that holds the kernel as it is", async () => {
  const types = btf();
  const image = Buffer.concat([Buffer.from("MZ"), LOOKALIKE, randomBytes(5000), types, randomBytes(5000)]);
  assert.ok((await btfOfImage(image))?.equals(types));
});

test("the BTF of a packed kernel behind code in which the sign of the packer stands too", async () => {
  const types = btf();
  const packed = gzipSync(Buffer.concat([LOOKALIKE, types, Buffer.alloc(100)]));
  const code = Buffer.concat([randomBytes(500), Buffer.from("1f8b08", "hex"), randomBytes(500)]);
  assert.ok((await btfOfImage(Buffer.concat([code, packed, randomBytes(700)])))?.equals(types));
});

test("an image without BTF, and one that ends within it, have none", async () => {
  assert.equal(await btfOfImage(Buffer.concat([LOOKALIKE, Buffer.alloc(5000)])), undefined);
  assert.equal(await btfOfImage(btf().subarray(0, TYPES)), undefined);
  assert.equal(await btfOfImage(Buffer.from("9feb010018000000", "hex")), undefined);
});
