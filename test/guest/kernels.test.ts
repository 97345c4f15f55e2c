import assert from "node:assert/strict";
import { test } from "node:test";
import { compareVersions } from "../../toolchain/src/guest/choose.ts";
import { dependencies } from "../../toolchain/src/guest/extract.ts";
import { parseRecords, parseUris } from "../../toolchain/src/guest/package-archive.ts";

test("versions compare by their numbers", () => {
  assert.ok(compareVersions("6.9", "6.12") < 0);
  assert.ok(compareVersions("7.0", "6.19") > 0);
  assert.ok(compareVersions("6.1.0-0.deb11.52", "6.1.0-50") < 0);
  assert.equal(compareVersions("5.10", "5.10"), 0);
});

test("apt's records and URIs are read", () => {
  assert.deepEqual(parseRecords("Package: a\nVersion: 1-2\nDepends: b\n\nPackage: c\nVersion: 3\n"), [
    { name: "a", version: "1-2" },
    { name: "c", version: "3" },
  ]);
  const hash = "0123456789abcdef".repeat(4);
  assert.deepEqual(
    parseUris(
      `'http://x/pool/libc6_2.31%2bdeb_amd64.deb' libc6_2.31+deb_amd64.deb 282 SHA256:${hash}\nnoise`,
    ),
    [{ name: "libc6", sha256: hash }],
  );
});

test("a module's dependencies are read from its .modinfo", () => {
  assert.deepEqual(dependencies(Buffer.from("\x7fELF..license=GPL\0depends=jbd2,crc16\0name=ext4\0")), [
    "jbd2",
    "crc16",
  ]);
  assert.deepEqual(dependencies(Buffer.from("\0depends=\0name=veth\0")), []);
});
