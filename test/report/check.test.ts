import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type CheckedProgram, type CheckReport, checkText } from "../../toolchain/src/report/check.ts";

const accepted = (name: string, insns: number, change?: number): CheckedProgram => ({
  skeleton: "app",
  name,
  section: "xdp",
  verdict: "accepted",
  stats: { insns, totalStates: 20, peakStates: 12, stack: [8, 0] },
  ...(change === undefined ? {} : { change }),
});
const bad: CheckedProgram = {
  skeleton: "app",
  name: "bad",
  section: "tc",
  verdict: "rejected",
  reason: "R0 invalid",
  file: "src/app.bpf.c",
  line: 7,
  frame: "  src/app.bpf.c:7\n> 7 | *p = 1;",
  hint: "Compare it with NULL.",
};
const skipped = (name: string): CheckedProgram => ({
  skeleton: "app",
  name,
  section: "fentry",
  verdict: "skipped",
  reason: "this kernel has no BTF",
});

const report = (...kernels: [string, CheckedProgram[]][]): CheckReport => ({
  kernels: kernels.map(([release, programs]) => ({ release, programs })),
  notes: [],
  refused: false,
  json: false,
});
const lines = (text: string) => text.split("\n");

describe("what check has found", () => {
  it("on one kernel is a table with what the verifier has counted, and how that has changed", () => {
    const text = checkText(
      report(["6.12.1", [accepted("more", 1234, 56), accepted("less", 7, -1_000), accepted("same", 7, 0)]]),
      false,
    );
    assert.deepEqual(lines(text), [
      "Linux 6.12.1",
      "  SKELETON  PROGRAM  SECTION  VERDICT   INSTRUCTIONS  STATES  STACK",
      "  app       more     xdp      accepted   1,234 (+56)      12    8+0",
      "  app       less     xdp      accepted    7 (-1,000)      12    8+0",
      "  app       same     xdp      accepted             7      12    8+0",
      "",
      "3 programs: 3 accepted",
      "",
    ]);
  });

  it("on several kernels has a column for each, and says once what holds for all", () => {
    const text = checkText(
      report(
        ["5.10.0-46-cloud-amd64", [bad, skipped("one"), skipped("two")]],
        ["7.3.4", [bad, accepted("one", 7), accepted("two", 8)]],
      ),
      false,
    );
    assert.deepEqual(lines(text), [
      "  SKELETON  PROGRAM  SECTION  5.10.0-46     7.3.4",
      "  app       bad      tc        rejected  rejected",
      "  app       one      fentry     skipped         7",
      "  app       two      fentry     skipped         8",
      "",
      "rejected on 5.10.0-46, 7.3.4: app, bad",
      "  R0 invalid",
      "",
      "    src/app.bpf.c:7",
      "  > 7 | *p = 1;",
      "",
      "  Compare it with NULL.",
      "",
      "skipped on 5.10.0-46: app, one, two: this kernel has no BTF",
      "",
      "3 programs on 2 kernels: 2 accepted, 2 rejected, 2 skipped",
      "",
    ]);
  });

  it("says once what keeps all programs of an object from being loaded", () => {
    const failed = (name: string): CheckedProgram => ({
      ...{ skeleton: "app", name, section: "xdp", verdict: "failed" },
      reason: `cannot load ${name}: EINVAL`,
      hint: "The kernel does not know this kind of map.",
    });
    const text = checkText(report(["6.1", [failed("a1"), failed("b2")]]), false);
    assert.equal(text.split("cannot load").length, 2);
    assert.match(text, /^not loaded: app, a1, b2$/m);
    assert.match(text, /2 programs: 0 accepted, 2 not loaded/);
  });

  it("is coloured where colours are wanted, without moving a column", () => {
    const plain = checkText(report(["6.1", [bad, accepted("good", 7)]]), false);
    const coloured = checkText(report(["6.1", [bad, accepted("good", 7)]]), true);
    assert.ok(!plain.includes("\x1b"));
    assert.ok(coloured.includes("\x1b[31mrejected"), JSON.stringify(coloured));
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is taken out.
    assert.equal(coloured.replace(/\x1b\[\d+m/g, ""), plain);
  });

  it("is one object as JSON, with everything", () => {
    const text = checkText({ ...report(["6.1", [bad]]), json: true, refused: true, notes: ["a note"] });
    assert.deepEqual(JSON.parse(text), {
      refused: true,
      kernels: [{ release: "6.1", programs: [bad] }],
      notes: ["a note"],
    });
    assert.equal(lines(text).length, 2);
  });
});
