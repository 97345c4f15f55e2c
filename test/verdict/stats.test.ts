import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failedPrograms, readStats, sectionOf } from "../../toolchain/src/verdict/stats.ts";

describe("the counts at the end of a verifier's log", () => {
  it("are read as Linux 5.10 writes them", () => {
    const log =
      "processed 37 insns (limit 1000000) max_states_per_insn 0 total_states 4 peak_states 3 mark_read 1\n";
    assert.deepEqual(readStats(log), { insns: 37, totalStates: 4, peakStates: 3 });
  });

  it("are read as Linux 6.18 writes them, with time and stack", () => {
    const log = [
      "verification time 573 usec",
      "stack depth 8+48+16",
      "processed 434 insns (limit 1000000) max_states_per_insn 4 total_states 33 peak_states 31 mark_read 0",
      "",
    ].join("\n");
    assert.deepEqual(readStats(log), { insns: 434, totalStates: 33, peakStates: 31, stack: [8, 48, 16] });
  });

  it("are the instructions alone where a kernel writes nothing else", () => {
    assert.deepEqual(readStats("0: R1=ctx()\nprocessed 2 insns (limit 131072)"), { insns: 2 });
  });

  it("are not there where the verifier has not come to its end", () => {
    assert.equal(readStats("R0 invalid mem access\nstack depth 8\n"), undefined);
    assert.equal(readStats("; printk(processed 2 insns (limit 1)"), undefined);
  });
});

const log = (name: string, text: string) =>
  `libbpf: prog '${name}': -- BEGIN PROG LOAD LOG --\n${text}-- END PROG LOAD LOG --\n`;

describe("libbpf's messages", () => {
  const messages = [
    log("first", "processed 1 insns (limit 1000000)\n"),
    "libbpf: prog 'second': BPF program load failed: Permission denied\n",
    log("second", "R0 invalid\nprocessed 2 insns (limit 1000000)\n"),
    "libbpf: failed to load object 'x'\n",
  ].join("");

  it("have a log for each program that the verifier has seen, and say which one was refused", () => {
    assert.deepEqual(sectionOf("first", messages), {
      log: "processed 1 insns (limit 1000000)\n",
      failed: false,
    });
    assert.equal(sectionOf("second", messages)?.failed, true);
    assert.equal(sectionOf("third", messages), undefined);
    assert.deepEqual(failedPrograms(messages), ["second"]);
  });

  it("are read as far as they go where they were cut off", () => {
    const whole = log("first", "processed 1 insns (limit 1000000)\n");
    assert.equal(sectionOf("first", whole.slice(0, 60))?.failed, false);
  });
});
