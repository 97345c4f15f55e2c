import assert from "node:assert/strict";
import { it } from "node:test";
import { textOf } from "../../toolchain/src/runtime/shared-trace-pipe.ts";

it("the text of a line of the trace pipe is what the program has printed", () => {
  const line =
    "            sh-42      [001] d..21    5.125000: bpf_trace_printk: told 3 times: bpf_trace_printk: x";
  assert.equal(textOf(line), "told 3 times: bpf_trace_printk: x");
  assert.equal(textOf("  <...>-7 [000] .... 1.0: bpf_trace_printk: "), "");
  // The second line of a text has nothing before it.
  assert.equal(textOf("and so on"), "and so on");
});
