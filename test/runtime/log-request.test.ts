import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { readLogRequest, readSecure, withoutAddresses } from "../../toolchain/src/runtime/log-request.ts";

describe("BPF_APP_LOG", () => {
  const said: string[] = [];
  const read = (value?: string) => readLogRequest(value, (sentence) => said.push(sentence));

  it("asks for the verifier's log, for libbpf's from a level on, or for both", () => {
    assert.deepEqual(read(), { verifier: false });
    assert.deepEqual(read(""), { verifier: false });
    assert.deepEqual(read("verifier"), { verifier: true });
    assert.deepEqual(read("Debug"), { verifier: false, level: "debug" });
    assert.deepEqual(read("warn, verifier,info"), { verifier: true, level: "info" });
    assert.deepEqual(said, []);
  });

  it("that is misspelt is answered with the word that was meant", () => {
    assert.deepEqual(read("verifer,warn"), { verifier: false, level: "warn" });
    assert.deepEqual(said.splice(0), [
      'BPF_APP_LOG takes verifier, warn, info, debug, and not "verifer". Did you mean verifier?',
    ]);
    read("1");
    assert.deepEqual(said.splice(0), ['BPF_APP_LOG takes verifier, warn, info, debug, and not "1".']);
  });
});

describe("what a file with rights of its own prints", () => {
  it("holds no address of the kernel's", () => {
    const log = "18: (18) r1 = 0xffff9b6b0a2b3c00       ; R1_w=map_ptr(ks=4,vs=8)\n20: (b7) r2 = 0xff\n";
    assert.equal(
      withoutAddresses(log),
      "18: (18) r1 = 0x(hidden)       ; R1_w=map_ptr(ks=4,vs=8)\n20: (b7) r2 = 0xff\n",
    );
  });

  it("is known by the kernel's word for it, and in doubt assumed", () => {
    const vector = (...entries: readonly (readonly [number, number])[]) => {
      const bytes = Buffer.alloc(entries.length * 16);
      for (const [at, [type, value]] of entries.entries()) {
        bytes.writeBigUInt64LE(BigInt(type), at * 16);
        bytes.writeBigUInt64LE(BigInt(value), at * 16 + 8);
      }
      return bytes;
    };
    assert.equal(readSecure(vector([6, 4096], [23, 0], [0, 0])), false);
    assert.equal(readSecure(vector([6, 4096], [23, 1], [0, 0])), true);
    assert.equal(readSecure(vector([0, 0])), true);
    assert.equal(readSecure(undefined), true);
  });
});
