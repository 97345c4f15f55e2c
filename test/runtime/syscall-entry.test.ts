import assert from "node:assert/strict";
import { test } from "node:test";
import { missesEntries, tracepointOf } from "../../toolchain/src/runtime/attach/syscall-entry.ts";
import { Link, Undo } from "../../toolchain/src/runtime/link.ts";
import { Session } from "../../toolchain/src/runtime/session.ts";

test("only Linux 7.1 misses the entries of system calls", () => {
  for (const kernel of ["7.1.13+deb13-cloud-amd64", "7.1.0", "7.1-rc3"])
    assert.ok(missesEntries(kernel), kernel);
  for (const kernel of ["7.0.13+deb13-cloud-amd64", "7.2.12", "7.10.1", "5.7.1", "17.1.0"])
    assert.ok(!missesEntries(kernel), kernel);
});

test("the tracepoint is read from a section's name, in each of libbpf's spellings", () => {
  assert.equal(tracepointOf("tp/syscalls/sys_enter_write"), "syscalls/sys_enter_write");
  assert.equal(tracepointOf("tracepoint/sched/sched_switch"), "sched/sched_switch");
  assert.equal(tracepointOf("?tp/syscalls/sys_enter_write"), "syscalls/sys_enter_write");
  for (const section of ["tp", "raw_tp/sys_enter", "tp_btf/sys_enter", "kprobe/a/b"])
    assert.equal(tracepointOf(section), undefined, section);
});

/** A link that holds something, and how often that was undone. */
function holding() {
  let undone = 0;
  const native = { linkDestroy: () => 0, linkDisconnect: () => {} };
  const parts = { native, log: {}, name: "app", makeMap: () => ({}), object: {} };
  const session = new Session(parts as never);
  const link = new Link(session, {} as never, "probe");
  link.hold(
    new Undo(session, () => {
      undone++;
    }),
  );
  return { session, link, undone: () => undone };
}

test("what a link holds is undone with it, once", () => {
  const { session, link, undone } = holding();
  link.destroy();
  link.destroy();
  for (const undo of session.cleanup) undo();
  assert.equal(undone(), 1);
});

test("what a link holds is undone with its skeleton", () => {
  const { session, link, undone } = holding();
  for (const undo of session.cleanup) undo();
  link.destroy();
  assert.equal(undone(), 1);
  assert.equal(session.cleanup.size, 0);
});

test("what a link holds stays when the program is left attached", () => {
  const { session, link, undone } = holding();
  link.disconnect();
  link.destroy();
  for (const undo of session.cleanup) undo();
  assert.equal(undone(), 0);
});
