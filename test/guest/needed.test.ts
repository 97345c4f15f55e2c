import assert from "node:assert/strict";
import { test } from "node:test";
import { ownArch } from "../../toolchain/src/base/arch.ts";
import type { Failure } from "../../toolchain/src/base/failure.ts";
import { libraryClosure, needs } from "../../toolchain/src/guest/needed.ts";

test("what Node asks of the loader", () => {
  const { interpreter, libraries } = needs(process.execPath);
  assert.match(interpreter ?? "", /ld-linux/);
  assert.ok(libraries.includes("libc.so.6"));
  assert.ok(libraries.includes("libstdc++.so.6"));
});

test("a static program asks for nothing", () => {
  assert.deepEqual(needs("/bin/busybox"), { libraries: [], machine: ownArch().elf });
});

test("a library that the guest would not have is named", () => {
  assert.throws(
    () => libraryClosure([process.execPath], () => undefined),
    (error: Failure<"guest">) =>
      error.failure.kind === "library-missing" && /^lib.*\.so/.test(error.failure.name),
  );
});

test("a file that is no ELF is refused", () => {
  assert.throws(() => needs(import.meta.filename), /not a 64-bit little-endian ELF/);
});
