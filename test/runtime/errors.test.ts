import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, it } from "node:test";
import { inspect } from "node:util";
import {
  BpfError,
  errnoName,
  failure,
  StateError,
  VerifierError,
} from "../../toolchain/src/runtime/errors.ts";

describe("errors of the runtime", () => {
  it("are named as the kernel, libc and libbpf name them", () => {
    assert.equal(errnoName(-1), "EPERM");
    assert.equal(errnoName(-524), "ENOTSUPP");
    assert.equal(errnoName(-4007), "LIBBPF_ERRNO__VERIFY");
    assert.equal(errnoName(-99_999), "errno 99999");
  });

  it("carry code, errno and libbpf's function, and say the subject", () => {
    const error = failure("bpf_program__attach_xdp", -16, "xdp_pass");
    assert.deepEqual([error.code, error.errno, error.call], ["EBUSY", -16, "bpf_program__attach_xdp"]);
    assert.match(error.message, /bpf_program__attach_xdp failed for xdp_pass: EBUSY/);
  });

  it("repeat what libbpf said first, not what came of it", () => {
    const log =
      "libbpf: prog 'a': failed to find kernel BTF type ID of 'nothing': -3\n" +
      "libbpf: prog 'a': failed to load: -3\nlibbpf: failed to load object 'x'\n";
    const error = failure("bpf_object__load", -3, "x", log);
    assert.match(error.message, /\(prog 'a': failed to find kernel BTF type ID of 'nothing': -3\)/);
    assert.match(error.message, /no such function or hook/);
    assert.equal(error.log, log);
  });

  it("say which libbpf is needed", () => {
    const error = failure("bpf_program__attach_tcx", -100_103, "ingress");
    assert.match(error.message, /needs libbpf 1\.3 or newer/);
  });

  it("know a kernel without BTF", () => {
    const error = failure("bpf_object__load", -3, "x", "libbpf: failed to find valid kernel BTF\n");
    assert.match(error.message, /CONFIG_DEBUG_INFO_BTF/);
  });

  it("say where no BPF file system is mounted, and how one is", () => {
    const folder = mkdtempSync(join(tmpdir(), "bpf-app-unit-"));
    try {
      for (const [errno, path] of [
        [-2, `${folder}/none/counts`],
        [-1, `${folder}/counts`],
      ] as const)
        assert.match(
          failure("bpf_map__pin", errno, `counts at ${path}`).message,
          /bpf_map__pin failed for counts at \/.*\n {2}No BPF file system is mounted there.*\n {2}mount -t bpf bpf \/sys\/fs\/bpf$/,
        );
      const made = failure(
        "bpf_program__pin",
        -2,
        "p",
        `libbpf: failed to mkdir ${folder}/none/p: -ENOENT\n`,
      );
      assert.match(made.message, /mount -t bpf/);
      // It is not said of a path that is taken already, nor of a pin that is to be opened.
      assert.doesNotMatch(failure("bpf_map__pin", -17, `counts at ${folder}/counts`).message, /mount/);
      assert.doesNotMatch(failure("bpf_obj_get", -2, `${folder}/counts`).message, /mount/);
    } finally {
      rmSync(folder, { recursive: true });
    }
    const log = "libbpf: specified path /run/x is not on BPF FS\n";
    assert.match(failure("bpf_link__pin", -22, "on_open", log).message, /mount -t bpf/);
  });

  it("print each thing once", () => {
    const shown = inspect(failure("bpf_object__load", -12, "x"));
    assert.equal(shown.split("Lower max_entries").length, 2);
  });

  it("are all BpfErrors", () => {
    assert.ok(new StateError("load", "too late") instanceof BpfError);
    assert.ok(VerifierError.prototype instanceof BpfError);
    assert.equal(new StateError("load", "too late", "Do it earlier.").message, "too late\n  Do it earlier.");
  });
});
