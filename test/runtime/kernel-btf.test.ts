// What is said where a kernel has no BTF and the app brings none for it. test/kernels/old-kernels.test.ts sees it in guests.
import assert from "node:assert/strict";
import { release } from "node:os";
import { test } from "node:test";
import { failure } from "../../toolchain/src/runtime/errors.ts";
import { noteObject } from "../../toolchain/src/runtime/needs.ts";

const LOG = "libbpf: Error loading vmlinux BTF: -3\nlibbpf: failed to find valid kernel BTF\n";
const object = (section: string) => () => ({
  programs: [{ section }],
  maps: [],
  helpers: [],
  subtracts: false,
  token: undefined,
});

test("the kernel, what there is, and the name of the file that is missing are said", () => {
  const forget = noteObject(object("tp/sched/sched_process_exec"));
  const { what, why = "", next = "" } = failure("bpf_object__load", -3, "bootstrap", LOG);
  forget();
  assert.match(what, /cannot load bootstrap: ESRCH/);
  assert.ok(why.includes(`this kernel, ${release()} (`), why);
  assert.match(why, /This app was built without BTF for such kernels/);
  assert.ok(next.includes(`/${release()}.btf.tar.xz`), next);
  assert.match(next, /BTF=FOLDER/);
});

test("where a program is attached by the kernel's own BTF, no other is asked for", () => {
  for (const section of [
    "fentry/vfs_read",
    "tp_btf/sched_switch",
    "lsm/file_open",
    "iter/task",
    "struct_ops/init",
  ]) {
    const forget = noteObject(object(section));
    const { why = "", next = "" } = failure("bpf_object__load", -3, "x", LOG);
    forget();
    assert.match(why, /cannot stand in for the kernel's own/);
    assert.ok(why.includes(`It concerns ${section}.`), why);
    assert.doesNotMatch(next, /BTF=FOLDER/);
  }
});
