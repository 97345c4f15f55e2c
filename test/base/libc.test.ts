import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { muslNote } from "../../create/src/musl.ts";
import { glibcVersion, loaderOf, muslLoader } from "../../toolchain/src/base/libc.ts";
import { licenceFiles } from "../../toolchain/src/base/licence-files.ts";
import { folderWith } from "../app.ts";
import { image } from "../sea/images.ts";

const PT_INTERP = 3;
const MUSL = "/lib/ld-musl-x86_64.so.1";

describe("the C library", () => {
  it("is musl where its loader is and this Node does not run on glibc", () => {
    const alpine = folderWith({ "lib/ld-musl-aarch64.so.1": "" });
    const glibc = () => "2.36";
    const none = () => undefined;
    assert.equal(muslLoader({ root: alpine, glibc: none }), join(alpine, "lib/ld-musl-aarch64.so.1"));
    assert.equal(muslLoader({ root: alpine, glibc }), undefined, "Debian with the package musl");
    assert.equal(muslLoader({ root: folderWith({}), glibc: none }), undefined);
  });

  it("is glibc here, as the machine's own tools say", () => {
    assert.match(glibcVersion() ?? "", /^2\.\d+$/);
    assert.equal(muslLoader(), undefined);
    assert.match(loaderOf(process.execPath) ?? "", /^\/lib.*\/ld-linux-.*\.so\.\d$/);
  });

  it("is named by an executable as its loader", () => {
    const bytes = image({
      data: `${MUSL}\0`.padEnd(0x100, "\0"),
      change: (segments) =>
        segments.map((one) =>
          one.type === 4 ? { ...one, type: PT_INTERP, offset: 0x1000, filesz: MUSL.length + 1 } : one,
        ),
    });
    const folder = folderWith({ text: "#!/bin/sh\n".repeat(20) });
    const file = join(folder, "node");
    writeFileSync(file, bytes);
    assert.equal(loaderOf(file), MUSL);
    // A number that leads out of the file, a file that is cut, and no file.
    const wild = Buffer.from(bytes);
    wild.writeBigUInt64LE(1n << 62n, 32);
    writeFileSync(file, wild);
    assert.equal(loaderOf(file), undefined);
    for (const size of [3, 63, 70, 200]) {
      writeFileSync(file, bytes.subarray(0, size));
      assert.equal(loaderOf(file), undefined, String(size));
    }
    assert.equal(loaderOf(join(folder, "text")), undefined);
    assert.equal(loaderOf(join(folder, "gone")), undefined);
  });

  it("is said before an app is made where it can not be built", () => {
    const root = folderWith({ "lib/ld-musl-x86_64.so.1": "" });
    assert.match(muslNote({ root, glibc: () => undefined }) ?? "", /musl.*container/);
    assert.equal(muslNote(), undefined);
  });
});

it("licence texts are known by their names", () => {
  const names = [
    "LICENSE",
    "COPYING-LGPLV3",
    "licence.md",
    "UNLICENSE",
    "NOTICE",
    "LICENSE-MIT",
    "ThirdPartyNotices.txt",
  ];
  const others = ["license.js", "licenses.json", "README.md", "notices.ts", "noticed.md", "copying.c"];
  const files = Object.fromEntries([...names, ...others, "LICENSES/MIT.txt"].map((name) => [name, ""]));
  const folder = folderWith(files);
  assert.deepEqual(licenceFiles(folder), [...names, "LICENSES/MIT.txt"].sort());
  assert.deepEqual(licenceFiles(join(folder, "gone")), []);
});
