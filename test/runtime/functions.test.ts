import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BpfError } from "../../toolchain/src/runtime/errors.ts";
import { kernelFunction } from "../../toolchain/src/runtime/functions.ts";

describe("kernelFunction", () => {
  it("takes the first name that this kernel has", () => {
    assert.equal(kernelFunction("vfs_read"), "vfs_read");
    assert.equal(kernelFunction("vfs_rea", "vfs_write", "vfs_read"), "vfs_write");
  });

  it("says that there is none of them", () => {
    assert.throws(
      () => kernelFunction("vfs_reads", "vfs_writes"),
      (error: unknown) =>
        error instanceof BpfError && error.code === "ENOENT" && /vfs_reads or vfs_writes/.test(error.message),
    );
  });
});
