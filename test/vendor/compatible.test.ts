import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { mismatch } from "../../vendor/compatible.ts";
import { readPins } from "../../vendor/pins.ts";

test("the pinned pair goes together, and so do other releases of the same months", () => {
  for (const [bpftool, libbpf] of [
    ["7.7.0", "1.7.0"],
    ["7.5", "1.5.0"],
    ["7.5", "1.7.0"],
    ["7.1", "1.1.2"],
    ["7.1", "1.4.6"],
    ["7.8", "1.7.0"],
  ] as const) {
    assert.equal(mismatch("libbpf", libbpf, new Map([["bpftool", bpftool]])), undefined);
    assert.equal(mismatch("bpftool", bpftool, new Map([["libbpf", libbpf]])), undefined);
  }
});

test("a pair that does not compile is refused, and what it needs is said", () => {
  assert.deepEqual(mismatch("libbpf", "1.1.2", new Map([["bpftool", "7.7.0"]])), {
    kind: "mismatch",
    name: "libbpf",
    version: "1.1.2",
    other: "bpftool",
    otherVersion: "7.7.0",
    needs: "libbpf 1.7 or newer",
  });
  for (const [bpftool, libbpf] of [
    ["7.1", "1.5.0"],
    ["7.5", "1.4.6"],
    ["7.8", "1.5.0"],
    ["7.2", "1.1.2"],
    ["6.8", "1.1.2"],
  ] as const)
    assert.equal(mismatch("libbpf", libbpf, new Map([["bpftool", bpftool]]))?.kind, "mismatch");
});

test("a source without a partner goes with everything", () => {
  assert.equal(mismatch("libbpf", "1.1.2", new Map()), undefined);
  assert.equal(mismatch("zlib", "1.2.13", new Map([["bpftool", "7.7.0"]])), undefined);
});

test("every bpftool that the pins name goes with a libbpf that the pins name", async () => {
  const { sources } = await readPins(fileURLToPath(new URL("../../vendor/pins.json", import.meta.url)));
  const [libbpf, bpftool] = ["libbpf", "bpftool"].map((name) => sources.find((pin) => pin.name === name)!);
  const versions = [libbpf!.tag, ...libbpf!.distro.pool.map(({ version }) => version)];
  for (const entry of bpftool!.distro.index) {
    const own = "version" in entry ? entry.version : "";
    const fits = versions.filter((version) => !mismatch("libbpf", version, new Map([["bpftool", own]])));
    assert.ok(fits.length > 0, `bpftool ${own} fits none of ${versions}`);
  }
});
