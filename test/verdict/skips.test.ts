import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PROG_TYPES } from "../../toolchain/src/facts/prog-types.ts";
import { entriesOf } from "../../toolchain/src/verdict/maps.ts";
import { environmental, type FailedLoad } from "../../toolchain/src/verdict/skips.ts";

const failed = (section: string, messages: string, more: Partial<FailedLoad> = {}): FailedLoad => ({
  program: { name: "prog", section },
  error: -22,
  messages,
  type: PROG_TYPES.tracing,
  probed: () => 1,
  verified: false,
  ...more,
});

describe("a load that failed", () => {
  for (const [what, section, messages, words] of [
    [
      "for a function that this kernel does not have",
      "fentry/no_such",
      "libbpf: prog 'prog': failed to find kernel BTF type ID of 'no_such': -ESRCH\n",
      /^this kernel has no no_such to attach to$/,
    ],
    [
      "for a tracepoint that this kernel does not have",
      "tp_btf/no_such",
      "libbpf: prog 'prog': failed to find kernel BTF type ID of 'btf_trace_no_such': -ESRCH\n",
      /^this kernel has no no_such to attach to$/,
    ],
    [
      "for a section without a target",
      "fentry",
      "libbpf: prog 'prog': no BTF-based attach target is specified, use bpf_program__set_attach_target()\n",
      /the app sets it before load/,
    ],
    [
      "for a kernel without BTF",
      "fentry/x",
      "libbpf: failed to find valid kernel BTF\n",
      /^this kernel has no BTF$/,
    ],
    [
      "for struct_ops that this kernel does not have",
      "struct_ops/x",
      "libbpf: struct_ops init_kern: struct sched_ext_ops is not found in kernel BTF\n",
      /^this kernel has no sched_ext_ops$/,
    ],
    ["for the function of another program", "freplace/x", "", /which the app names before load/],
  ] as const)
    it(`${what} is no fault of the program`, () => {
      assert.match(environmental(failed(section, messages))?.reason ?? "", words);
    });

  it("for a type of program that this kernel does not have is no fault of the program", () => {
    const lacks = failed("netfilter", "", { type: PROG_TYPES.netfilter, probed: () => 0 });
    assert.deepEqual(environmental(lacks), {
      of: "kernel",
      reason: "this kernel has no programs of the type netfilter",
    });
    assert.equal(environmental({ ...lacks, probed: () => -1 }), undefined);
  });

  it("for a lack of privileges is not taken for a lack of the kernel, which then seems to know nothing", () => {
    const refused = failed("netfilter", "", { type: PROG_TYPES.netfilter, error: -1, probed: () => 0 });
    assert.equal(environmental(refused), undefined);
  });

  it("after the verifier has looked at the program is the program's fault", () => {
    assert.equal(environmental(failed("fentry/x", "", { verified: true, probed: () => 0 })), undefined);
    assert.equal(environmental(failed("freplace/x", "", { verified: true })), undefined);
  });

  it("for a reason that nobody knows is not passed over", () => {
    assert.equal(environmental(failed("kprobe/x", "libbpf: Error in bpf_object__create_map\n")), undefined);
  });
});

describe("a map without a size", () => {
  it("gets one, as the app would give it one", () => {
    assert.equal(entriesOf({ type: "ringbuf", maxEntries: 0 }), 1);
    assert.equal(entriesOf({ type: "hash", maxEntries: 0 }), 1);
    assert.equal(entriesOf({ type: "arena", maxEntries: 0 }), 1024);
  });

  it("stays without one if that is how its type is", () => {
    assert.equal(entriesOf({ type: "task_storage", maxEntries: 0 }), undefined);
    assert.equal(entriesOf({ type: "perf_event_array", maxEntries: 0 }), undefined);
  });

  it("keeps the size that the source gives it", () => {
    assert.equal(entriesOf({ type: "hash", maxEntries: 8 }), undefined);
  });
});
