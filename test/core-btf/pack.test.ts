import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isFailure } from "../../toolchain/src/base/failure.ts";
import type { KernelBtf } from "../../toolchain/src/config/btf.ts";
import { packOf } from "../../toolchain/src/core-btf/pack.ts";
import {
  BadPack,
  type BtfPack,
  chooseBtf,
  decodePack,
  encodePack,
  systemName,
} from "../../toolchain/src/facts/btf-pack.ts";

const kernel = (release: string, from = ""): KernelBtf => ({
  path: `${from}/${release}.btf`,
  release,
  arch: "x64",
  from,
});
const reduced = (release: string, text: string, from = "") => ({
  kernel: kernel(release, from),
  btf: Buffer.from(text),
});

describe("a pack", () => {
  it("holds each content once, and is the same whatever the order of the files", () => {
    const files = [
      reduced("5.4.0-2", "one"),
      reduced("5.4.0-1", "one"),
      reduced("5.4.0-3", "two"),
      reduced("5.4.0-1", "two", "ubuntu/20.04"),
    ];
    const pack = packOf("x64", files);
    assert.equal(pack.blobs.length, 2);
    assert.deepEqual(encodePack(packOf("x64", [...files].reverse())), encodePack(pack));
    assert.deepEqual(decodePack(encodePack(pack)), pack);
  });

  it("of a thousand kernels that hardly differ is small", () => {
    const types = Array.from(
      { length: 40 },
      (_, index) => `${"task_struct real_parent tgid ".repeat(10)}${index}`,
    );
    const pack = packOf(
      "x64",
      Array.from({ length: 1000 }, (_, n) => reduced(`5.4.0-${n}-generic`, types[n % 40]!, "ubuntu/20.04")),
    );
    assert.equal(pack.blobs.length, 40);
    assert.ok(encodePack(pack).length < 6000, `${encodePack(pack).length}`);
  });

  it("refuses two files that say different of one kernel, and takes the same twice", () => {
    assert.equal(packOf("x64", [reduced("1", "a"), reduced("1", "a")]).kernels.length, 1);
    assert.throws(
      () => packOf("x64", [reduced("1", "a"), reduced("1", "b")]),
      (error: unknown) => isFailure(error, "core-btf") && error.failure.kind === "btf-contradicts",
    );
  });

  it("that is no pack, or a damaged one, is refused", () => {
    const good = encodePack(packOf("x64", [reduced("5.4.0-1", "one"), reduced("5.4.0-2", "two")]));
    for (const bytes of [Buffer.alloc(0), Buffer.from("BPFAPP BTF 1\n"), good.subarray(0, good.length - 1)])
      assert.throws(() => decodePack(bytes), BadPack);
    for (let at = 0; at < good.length; at++)
      for (const change of [1, 0x80, 0xff]) {
        const bytes = Buffer.from(good);
        bytes[at]! ^= change;
        try {
          const { kernels, blobs } = decodePack(bytes);
          for (const { blob } of kernels) assert.ok(blobs[blob]);
        } catch (error) {
          assert.ok(error instanceof BadPack, `byte ${at}: ${error}`);
        }
      }
  });
});

describe("the choice", () => {
  const pack: BtfPack = packOf("x64", [
    reduced("5.4.0-42-generic", "bionic", "ubuntu/18.04"),
    reduced("5.4.0-42-generic", "focal", "ubuntu/20.04"),
    reduced("5.4.0-48-generic", "same", "ubuntu/18.04"),
    reduced("5.4.0-48-generic", "same", "ubuntu/20.04"),
    reduced("3.10.0-1062.el7.x86_64", "centos", "centos/7"),
    reduced("3.10.0-1062.el7.x86_64", "oracle", "ol/7"),
  ]);
  const os = (id: string, version: string) => `NAME="x"\nID=${id}\nVERSION_ID="${version}"\n`;
  const choose = (release: string, version = "#1 SMP", system = "") => {
    const chosen = chooseBtf(pack, { release, version, system });
    return "btf" in chosen ? Buffer.from(chosen.btf).toString() : chosen.among;
  };

  it("is by release, where the types do not differ", () => {
    assert.equal(choose("5.4.0-48-generic"), "same");
    assert.deepEqual(choose("5.4.0-49-generic"), []);
    assert.deepEqual(choose("5.4.0-4"), []);
  });

  it("looks at the kernel's version before it looks at the system, which may be a container's", () => {
    const backport = "#46~18.04.1-Ubuntu SMP Fri Jul 10 07:21:24 UTC 2020";
    assert.equal(choose("5.4.0-42-generic", backport, os("ubuntu", "20.04")), "bionic");
    assert.equal(choose("5.4.0-42-generic", "#46-Ubuntu SMP", os("ubuntu", "20.04")), "focal");
    assert.equal(choose("3.10.0-1062.el7.x86_64", "#1 SMP", os("centos", "7")), "centos");
    assert.equal(choose("3.10.0-1062.el7.x86_64", "#1 SMP", os("ol", "7.7")), "oracle");
  });

  it("is left open where nothing tells kernels of one release apart: wrong types would give wrong values", () => {
    assert.deepEqual(choose("5.4.0-42-generic", "#46-Ubuntu SMP", os("debian", "12")), [
      "ubuntu/18.04",
      "ubuntu/20.04",
    ]);
    assert.deepEqual(choose("3.10.0-1062.el7.x86_64", "#1 SMP", os("centos", "70")), ["centos/7", "ol/7"]);
  });

  it("names systems as BTFHub does", () => {
    assert.equal(systemName(os("ubuntu", "20.04")), "ubuntu/20.04");
    assert.equal(systemName("ID=arch\n"), undefined);
  });
});
