import assert from "node:assert/strict";
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
