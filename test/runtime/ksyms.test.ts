import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Ksyms } from "../../toolchain/src/runtime/ksyms.ts";

const TEXT = `ffffffff81000000 T _text
ffffffff81000010 T do_one
ffffffff81000020 D some_data
ffffffff81000080 t do_two.cold
ffffffffc0001000 t in_module\t[veth]
ffffffffa0000000 t bpf_prog_0123456789abcdef_count\t[bpf]
`;

describe("symbols of the kernel", () => {
  const ksyms = new Ksyms(Buffer.from(TEXT));

  it("finds the function around an address", () => {
    assert.deepEqual(ksyms.at(0xffffffff81000018n), { name: "do_one", module: undefined, offset: 8 });
    assert.equal(ksyms.at(0xffffffff81000010n)?.name, "do_one");
    assert.equal(ksyms.at(0xffffffff8100000fn)?.name, "_text");
  });

  it("takes no data for a function", () => {
    assert.equal(ksyms.name(0xffffffff81000028n), "do_one+0x18");
  });

  it("finds what was loaded in another order", () => {
    assert.equal(ksyms.name(0xffffffffa0000004n), "bpf_prog_0123456789abcdef_count+0x4 [bpf]");
    assert.equal(ksyms.name(0xffffffffc0001002n), "in_module+0x2 [veth]");
  });

  it("says so where there is no function", () => {
    assert.equal(ksyms.at(0x401000n), undefined);
    assert.equal(ksyms.name(0x401000n), "0x401000");
    assert.equal(ksyms.at(0xffffffffb0000000n), undefined);
  });

  it("reads a text that ends in the middle of a line", () => {
    const cut = new Ksyms(Buffer.from(TEXT.slice(0, TEXT.indexOf("_one"))));
    assert.equal(cut.name(0xffffffff81000010n), "do+0x0");
    assert.equal(new Ksyms(Buffer.from("ffffffff8100")).at(0xffffffff81000010n), undefined);
    assert.equal(new Ksyms(Buffer.alloc(0)).at(1n), undefined);
  });
});
