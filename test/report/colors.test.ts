import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { colorsFor, stripColors } from "../../toolchain/src/report/colors.ts";

const TERMINAL = { isTTY: true };
const PIPE = {};
const CLANG = "\x1b[1msrc/a.bpf.c:1:2: \x1b[0m\x1b[0;1;31merror: \x1b[0mno";

describe("colours", () => {
  const cases: readonly [says: string, stream: object, env: NodeJS.ProcessEnv, on: boolean][] = [
    ["a terminal has them", TERMINAL, { TERM: "xterm" }, true],
    ["a pipe has none", PIPE, { TERM: "xterm" }, false],
    ["a terminal that can show none has none", TERMINAL, { TERM: "dumb" }, false],
    ["NO_COLOR takes them from a terminal", TERMINAL, { NO_COLOR: "1" }, false],
    ["an empty NO_COLOR says nothing", TERMINAL, { NO_COLOR: "" }, true],
    ["FORCE_COLOR gives them to a pipe", PIPE, { FORCE_COLOR: "1" }, true],
    ["FORCE_COLOR=0 takes them from a terminal", TERMINAL, { FORCE_COLOR: "0" }, false],
    ["FORCE_COLOR is stronger than NO_COLOR", PIPE, { FORCE_COLOR: "3", NO_COLOR: "1" }, true],
  ];
  for (const [says, stream, env, on] of cases) {
    it(says, () => {
      const colors = colorsFor(stream, env);
      assert.equal(colors.on, on);
      assert.equal(colors.paint("red", "x"), on ? "\x1b[31mx\x1b[39m" : "x");
      assert.equal(colors.show(CLANG), on ? CLANG : "src/a.bpf.c:1:2: error: no");
    });
  }

  it("of other programs are taken out with their links and erasures", () => {
    const gcc = "\x1b[01m\x1b[Ka.c:1:\x1b[m\x1b[K \x1b]8;;https://gcc.gnu.org\x07-Wunused\x1b]8;;\x07";
    assert.equal(stripColors(gcc), "a.c:1: -Wunused");
  });
});
