import assert from "node:assert/strict";
import { test } from "node:test";
import { colorsFor } from "../../toolchain/src/report/colors.ts";
import { messagesText } from "../../toolchain/src/report/messages.ts";

const PLAIN = colorsFor({}, {});
const COLOURED = colorsFor({}, { FORCE_COLOR: "1" });
const TSC =
  "\x1b[96msrc/a - b.ts\x1b[0m:\x1b[93m12\x1b[0m:\x1b[93m5\x1b[0m - \x1b[91merror\x1b[0m\x1b[90m TS2322: \x1b[0mType 'x - y' is not 'z'.";

test("tsc's messages have their places as clang's have", () => {
  assert.equal(messagesText(TSC, PLAIN), "src/a - b.ts:12:5: error TS2322: Type 'x - y' is not 'z'.\n");
  assert.equal(messagesText(`${TSC}\n\n`, COLOURED), `${TSC.replace("\x1b[0m - ", "\x1b[0m: ")}\n`);
});

test("everything else stays as it was said", () => {
  const text =
    "src/a.bpf.c:12:5: error: a - b\n  12 | a - error TS1: b\n\nerror TS5023: Unknown option - 'x'.\n";
  assert.equal(messagesText(text, PLAIN), text);
  assert.equal(messagesText("no newline", PLAIN), "no newline\n");
});
