import assert from "node:assert/strict";
import { test } from "node:test";
import { unbuildablePath } from "../../toolchain/src/base/app-path.ts";

test("an app may lie in a folder of almost any name", () => {
  for (const name of [
    "it's my $app ~ #1: 100%",
    `"quoted"`,
    "a|b;c&d",
    "(x)[y]{z}",
    "ünï/日本語",
    "*?",
    "-n",
    "a\u00a0b",
  ])
    assert.equal(unbuildablePath(`/home/me/${name}`), undefined, name);
});

test("but not where a path is more than one line, controls terminals, is no text, or has a backslash", () => {
  for (const character of ["\n", "\\", "\r", "\t", "\x1b", "\0", "\x7f", "\u0085", "\u2028", "\ufffd"])
    assert.equal(unbuildablePath(`/home/me/a${character}b\n`), character, JSON.stringify(character));
});
