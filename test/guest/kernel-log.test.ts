import assert from "node:assert/strict";
import { test } from "node:test";
import { splats } from "../../toolchain/src/guest/kernel-log.ts";

for (const line of [
  "<4>[   12.345678] WARNING: CPU: 1 PID: 77 at kernel/bpf/core.c:2345 bpf_prog_free+0x1/0x2",
  "[    1.0] BUG: kernel NULL pointer dereference, address: 0000000000000000",
  "[    1.0] BUG: unable to handle page fault for address: ffffc90000000000",
  "[    1.0] Oops: 0000 [#1] PREEMPT SMP NOPTI",
  "[    1.0] general protection fault, probably for non-canonical address",
  "[    1.0] Kernel panic - not syncing: Fatal exception",
  "[    1.0] refcount_t: underflow; use-after-free.",
  "[    1.0] UBSAN: array-index-out-of-bounds in net/core/filter.c:1",
]) {
  test(`is a fault: ${line.slice(0, 50)}`, () => {
    const { faults, slow } = splats(`[    0.9] before\n${line}\n[    1.1] after\n`);
    assert.equal(faults.length, 1);
    assert.deepEqual(slow, []);
  });
}

for (const line of [
  "[   40.1] rcu: INFO: rcu_preempt self-detected stall on CPU",
  "[   40.1] rcu: INFO: rcu_sched detected stalls on CPUs/tasks:",
  "[   40.1] watchdog: BUG: soft lockup - CPU#0 stuck for 26s! [node:77]",
  "[   40.1] clocksource: timekeeping watchdog on CPU1: Marking clocksource 'tsc' as unstable",
  "[   40.1] hrtimer: interrupt took 12345678 ns",
]) {
  test(`says only that the emulation is slow: ${line.slice(8, 60)}`, () => {
    const { faults, slow } = splats(line);
    assert.deepEqual(faults, []);
    assert.equal(slow.length, 1);
  });
}

test("ordinary messages are neither", () => {
  const log = [
    "[    0.8] mtrr: your CPUs had inconsistent fixed MTRR settings",
    "[    1.3] acpi PNP0A03:00: fail to add MMCONFIG information, can't access extended configuration space",
    "[    2.0] minimal[77] is installing a program with bpf_probe_write_user helper that may corrupt user memory!",
  ].join("\n");
  assert.deepEqual(splats(log), { faults: [], slow: [] });
});
