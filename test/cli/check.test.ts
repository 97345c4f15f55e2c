import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { mayLoad } from "../../toolchain/src/cli/check-here.ts";
import { compare, readHistory, recorded, writeHistory } from "../../toolchain/src/cli/check-history.ts";
import { readAnswers } from "../../toolchain/src/cli/check-runner.ts";
import type { ProgramResult } from "../../toolchain/src/verdict/protocol.ts";
import { folderWith, MINIMAL } from "../app.ts";
import { bpfApp } from "./run.ts";

const accepted = (skeleton: string, name: string, insns: number): ProgramResult => ({
  ...{ skeleton, name, section: "xdp", verdict: "accepted" },
  stats: { insns },
});
const rejected = (skeleton: string, name: string): ProgramResult => ({
  ...{ skeleton, name, section: "xdp", verdict: "rejected", reason: "R0" },
});
const changes = (found: Parameters<typeof compare>[0], history: Parameters<typeof compare>[1]) =>
  compare(found, history).programs.map(({ name, change }) => [name, change]);

describe("the counts of earlier checks", () => {
  const first = { release: "6.1", results: [accepted("app", "a", 10), accepted("app", "b", 20)] };
  const history = recorded({}, first);

  it("are compared kernel by kernel", () => {
    assert.deepEqual(changes(first, {}), [
      ["a", undefined],
      ["b", undefined],
    ]);
    const now = { release: "6.1", results: [accepted("app", "a", 15), accepted("app", "new", 1)] };
    assert.deepEqual(changes(now, history), [
      ["a", 5],
      ["new", undefined],
    ]);
    assert.deepEqual(changes({ ...now, release: "6.12" }, history)[0], ["a", undefined]);
  });

  it("stay for a program that is refused now, and for skeletons that were not checked, and go with the program", () => {
    const later = recorded(history, { release: "6.1", results: [rejected("app", "a")] });
    assert.deepEqual(later, { "6.1": { "app/a": 10 } });
    assert.deepEqual(recorded(history, { release: "6.1", results: [accepted("other", "a", 3)] }), {
      "6.1": { "app/a": 10, "app/b": 20, "other/a": 3 },
    });
  });

  it("are kept in a file", () => {
    const app = folderWith({});
    writeHistory(app, history);
    assert.deepEqual(readHistory(app), history);
  });

  for (const [what, text] of [
    ["is damaged", "{"],
    ["is of another kind", "[]"],
    ["has no numbers", `{"version":1,"kernels":{"6.1":{"app/a":"10"}}}`],
    ["has impossible numbers", `{"version":1,"kernels":{"6.1":{"app/a":-1}}}`],
    ["is of a later version", `{"version":2,"kernels":{"6.1":{"app/a":10}}}`],
  ] as const)
    it(`are none where the file ${what}`, () => {
      const app = folderWith({ ".output/check.json": text });
      assert.deepEqual(readHistory(app), {});
      writeHistory(app, history);
      assert.deepEqual(readHistory(app), history);
    });

  it("have no names that every object has", () => {
    assert.deepEqual(changes({ release: "constructor", results: [accepted("a", "b", 1)] }, {}), [
      ["b", undefined],
    ]);
  });
});

describe("the runner's answer", () => {
  const kernel = `{"type":"kernel","release":"6.1"}`;
  const program = JSON.stringify({ type: "program", result: accepted("app", "a", 10) });
  const end = `{"type":"end"}`;
  const output = (ended: number | string, ...lines: string[]) => ({
    stdout: `${lines.join("\n")}\n`,
    stderr: "what it said",
    ended,
  });

  it("is the kernel and a result for each program", () => {
    assert.deepEqual(readAnswers(output(0, kernel, "noise", program, end)), {
      release: "6.1",
      results: [accepted("app", "a", 10)],
    });
  });

  it("is not taken for whole where it ends early", () => {
    for (const [ended, lines] of [
      [0, [kernel, program]],
      [1, [kernel, program, end]],
      ["signal 11", [kernel]],
      [0, []],
      [0, [kernel, '{"type":"pro']],
    ] as const)
      assert.throws(() => readAnswers(output(ended, ...lines)), {
        failure: { kind: "check-not-run", ended, text: "what it said" },
      });
  });
});

describe("the privileges to load programs", () => {
  it("are CAP_SYS_ADMIN, or three that are smaller", () => {
    const status = (bits: bigint) =>
      `Name:\tnode\nCapEff:\t${bits.toString(16).padStart(16, "0")}\nCapBnd:\t0\n`;
    assert.equal(mayLoad(status(0n)), false);
    assert.equal(mayLoad(status(1n << 21n)), true);
    assert.equal(mayLoad(status((1n << 39n) | (1n << 38n) | (1n << 12n))), true);
    assert.equal(mayLoad(status((1n << 39n) | (1n << 38n))), false);
    assert.equal(mayLoad("Name:\tnode\n"), false);
  });
});

describe("bpf-app check", () => {
  it("names the kernels that there are, and the nearest one", () => {
    const { status, stdout, stderr } = bpfApp(folderWith(MINIMAL), ["check", "--kernels", "5.15"]);
    assert.deepEqual([status, stdout], [1, ""]);
    assert.match(stderr, /no kernel 5\.15[\s\S]*5\.10, 6\.1, 6\.12[\s\S]*--kernels 5\.10/);
    const none = bpfApp(folderWith(MINIMAL), ["check", "--kernels", "newest"]);
    assert.match(none.stderr, /no kernel newest[\s\S]*Name one of these/);
    assert.match(bpfApp(folderWith(MINIMAL), ["check", "--kernels", ","]).stderr, /--kernels takes versions/);
  });

  it("says all at once what guests need, and how to install it", () => {
    const bin = folderWith({ "apt-get": "#!/bin/sh\n" });
    const app = folderWith(MINIMAL);
    const { status, stderr } = bpfApp(app, ["check", "--kernels", "6.12"], {
      PATH: bin,
      XDG_CACHE_HOME: join(app, "cache"),
    });
    assert.equal(status, 1);
    assert.match(stderr, /needs qemu-system-x86_64/);
    assert.match(stderr, /dpkg-deb: unpacks packages/);
    assert.match(stderr, /runs other kernels/);
  });

  it("leaves a damaged file of counts as it is when nothing can be checked", () => {
    const app = folderWith({ ...MINIMAL, ".output/check.json": "{" });
    assert.equal(bpfApp(app, ["check", "nothing"]).status, 1);
    assert.equal(readFileSync(join(app, ".output/check.json"), "utf8"), "{");
  });
});
