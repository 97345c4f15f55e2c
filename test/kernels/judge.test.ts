import assert from "node:assert/strict";
import { test } from "node:test";
import type { CellRun } from "../../toolchain/src/guest/protocol.ts";
import { expectedFailure, inRange, judge } from "./judge.ts";
import { page } from "./table.ts";

const GOOD: CellRun = {
  name: "xdp",
  outcome: "ok",
  exit: 0,
  ms: 1,
  stdout: "seen\n",
  stderr: "",
  shell: "",
  left: "",
  log: "",
  taint: 0,
};
const REFUSED: CellRun = {
  ...GOOD,
  outcome: "exited",
  exit: 1,
  stdout: "",
  stderr: "BPF LSM is off: boot with lsm=…,bpf\n",
};
const LSM = { reason: "BPF LSM is off", error: "LSM is off" };

test("a cell passes when all was seen, it ended with 0 and left nothing", () => {
  assert.equal(judge(GOOD, {}, undefined), undefined);
});

for (const [what, run] of Object.entries<[CellRun | undefined, RegExp]>({
  "a guest that died": [undefined, /guest died/],
  "unseen output": [{ ...GOOD, outcome: "not-seen" }, /not seen/],
  "an exit code": [{ ...GOOD, exit: 3 }, /exit code 3/],
  "a signal": [
    { ...GOOD, outcome: "exited", exit: undefined, signal: 11 } as unknown as CellRun,
    /signal 11/,
  ],
  "a program left attached": [{ ...GOOD, left: "prog 3 type 6 xdp_pass\n" }, /left behind: prog 3/],
  "an oops": [{ ...GOOD, log: "[ 1.0] WARNING: CPU: 0 PID: 1 at x.c:1\n" }, /kernel's log says/],
  "a tainted kernel": [{ ...GOOD, taint: 512 }, /tainted \(0x200\)/],
})) {
  test(`a cell fails for ${what}`, () => {
    assert.match(judge(run[0], {}, undefined) ?? "", run[1]);
    assert.notEqual(judge(run[0], {}, LSM), undefined);
  });
}

test("a check's own judgement counts", () => {
  assert.equal(
    judge(GOOD, { judge: (r) => (r.stdout === "seen\n" ? undefined : "no") }, undefined),
    undefined,
  );
  assert.equal(judge(GOOD, { judge: () => "pid is missing" }, undefined), "pid is missing");
});

test("a declared cell must fail, with the message that was declared", () => {
  assert.equal(judge(REFUSED, {}, LSM), undefined);
  assert.match(judge(GOOD, {}, LSM) ?? "", /works, though declared not to/);
  assert.match(judge({ ...REFUSED, stderr: "something else" }, {}, LSM) ?? "", /does not match/);
  assert.match(judge({ ...REFUSED, stderr: "" }, {}, LSM) ?? "", /without a message/);
  const trace = "Error: x LSM is off\n    at main (/app/lsm:12:3)\n";
  assert.match(judge({ ...REFUSED, stderr: trace }, {}, LSM) ?? "", /stack trace/);
});

test("what template.json declares holds for its kernels and lacks only", () => {
  const claims = {
    kernel: "5.8",
    declared: [
      { kernel: "<6.6", reason: "tcx came with 6.6" },
      { kernel: ">=6.19 <7.2", when: "no-modules", reason: "no clsact" },
    ],
  };
  const reason = (version: string, ...lacks: string[]) =>
    expectedFailure(claims, version, new Set(lacks))?.reason;
  assert.equal(reason("6.1"), "tcx came with 6.6");
  assert.equal(reason("6.6"), undefined);
  assert.equal(reason("7.0"), undefined);
  assert.equal(reason("7.0", "no-modules"), "no clsact");
  assert.equal(reason("7.2", "no-modules"), undefined);
  assert.equal(
    expectedFailure({ kernel: "5.15", declared: [] }, "5.10", new Set())?.reason,
    "needs Linux 5.15",
  );
});

test("ranges of kernels", () => {
  assert.ok(inRange("5.10", "<5.15"));
  assert.ok(!inRange("5.15", "<5.15"));
  assert.ok(inRange("6.12", ">=6.1 <=6.12"));
  assert.ok(inRange("6.1", "6.1"));
  assert.ok(!inRange("6.10", "6.1"));
  assert.throws(() => inRange("6.1", "before 6.1"), /not a range/);
});

test("the table has a row a template, a column a kernel and a footnote a reason", () => {
  const text = page(
    [
      { template: "xdp", kernel: "6.1", result: "pass" },
      { template: "lsm", kernel: "6.1", result: "declared", reason: "BPF LSM is off" },
      { template: "lsm", kernel: "7.3", result: "fail", reason: "oops" },
      { template: "xdp", kernel: "7.3", result: "pass" },
    ],
    [
      { version: "6.1", title: "a" },
      { version: "7.3", title: "b" },
    ],
  );
  assert.match(text, /^\| lsm \| –\[\^1\] \| ✗ \|$/m);
  assert.match(text, /^\| xdp \| ✓ \| ✓ \|$/m);
  assert.match(text, /^\[\^1\]: BPF LSM is off$/m);
});
