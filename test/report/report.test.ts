import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { describe, it } from "node:test";
import { quote } from "shlex";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { errorText } from "../../toolchain/src/cli/errors.ts";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { colorsFor } from "../../toolchain/src/report/colors.ts";
import { commandLine } from "../../toolchain/src/report/command.ts";
import { jsonReporter } from "../../toolchain/src/report/json.ts";
import { plainReporter } from "../../toolchain/src/report/plain.ts";

const STEP: Step = {
  id: "bpf:minimal",
  label: "BPF",
  subject: "minimal.bpf.o",
  argv: [
    "/usr/bin/clang",
    "-D",
    "NAME=a b",
    { prefix: "OUT=", out: ".output/x/y.o", up: 1, from: "vendor/x", suffix: "/" },
  ],
  inputs: [],
  outputs: [".output/x/y.o"],
  tools: [],
  env: { CFLAGS: "-O2 -g" },
  stdout: ".output/x/y.o",
};

describe("a printed command", () => {
  it("has final paths, its environment and its redirection", () => {
    assert.equal(
      commandLine(STEP),
      "CFLAGS='-O2 -g' /usr/bin/clang -D 'NAME=a b' OUT=../../.output/x/ > .output/x/y.o",
    );
  });

  for (const word of [
    "plain",
    "two words",
    "it's",
    "$HOME",
    "$(id)",
    "a*b",
    "",
    'q"q',
    "back\\slash",
    "new\nline",
    "~",
    "#x",
  ]) {
    it(`quotes ${JSON.stringify(word)} so that a shell reads it back`, () => {
      assert.equal(execFileSync("sh", ["-c", `printf %s ${quote(word)}`], { encoding: "utf8" }), word);
    });
  }
});

describe("the plain reporter", () => {
  const events = (verbose: boolean) => {
    let text = "";
    const report = plainReporter({
      write: (t) => (text += t),
      verbose,
      explain: false,
      colors: colorsFor({}, {}),
    });
    report({ type: "begin", steps: [STEP], jobs: 1 });
    report({ type: "start", step: STEP, reason: { kind: "never-built" }, at: 0 });
    report({ type: "output", step: STEP, text: "warning: x" });
    report({ type: "done", step: STEP, at: 1, ms: 1, changed: true });
    return text;
  };

  it("prints a line a step as kbuild does, and what the command said", () => {
    assert.equal(events(false), "  BPF      minimal.bpf.o\nwarning: x\n");
  });

  it("prints commands in full with V=1", () => {
    assert.equal(events(true), `mkdir -p .output/x\n${commandLine(STEP)}\nwarning: x\n`);
  });
});

describe("the JSON reporter", () => {
  it("prints an object a line, with steps by id", () => {
    const lines: string[] = [];
    const report = jsonReporter((text) => lines.push(text));
    report({ type: "begin", steps: [STEP], jobs: 2 });
    report({ type: "skip", step: STEP, reason: { kind: "fresh" } });
    assert.deepEqual(
      lines.map((line) => JSON.parse(line)),
      [
        { type: "begin", steps: ["bpf:minimal"], jobs: 2 },
        { type: "skip", step: "bpf:minimal", reason: { kind: "fresh" } },
      ],
    );
  });
});

describe("an error", () => {
  it("says what failed, why and what to do next", () => {
    const text = errorText(
      new Failure("host", {
        kind: "tool-missing",
        tool: "clang",
        word: "CLANG",
        install: { manager: "apt", packages: ["clang"] },
      }),
    );
    assert.match(
      text,
      /^bpf-app: clang was not found\.\n {2}.*PATH.*\n {2}Install it: sudo apt-get install -y clang\n/,
    );
  });

  it("guesses what a mistyped name meant", () => {
    const text = errorText(
      new Failure("config", { kind: "unknown-target", name: "minmal", known: ["minimal", "tc"] }),
    );
    assert.match(text, /Did you mean minimal\?/);
  });

  it("that is a fault of ours shows its stack", () => {
    assert.match(
      errorText(new TypeError("x is undefined")),
      /fault of bpf-app itself[\s\S]*report\.test\.ts/,
    );
  });
});
