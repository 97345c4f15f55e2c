import assert from "node:assert/strict";
import { test } from "node:test";
import type { SeaFailure } from "../../toolchain/src/sea/failures.ts";
import { seaWords } from "../../toolchain/src/sea/words.ts";

const path = "/app/base";
const ALL: { readonly [K in SeaFailure["kind"]]: Extract<SeaFailure, { kind: K }> } = {
  "base-not-elf": { kind: "base-not-elf", path },
  "base-truncated": { kind: "base-truncated", path, size: 10, needs: Number.POSITIVE_INFINITY },
  "base-not-64-bit-little-endian": { kind: "base-not-64-bit-little-endian", path },
  "base-wrong-machine": { kind: "base-wrong-machine", path, machine: 243 },
  "base-not-executable": { kind: "base-not-executable", path, type: 1 },
  "base-odd-headers": { kind: "base-odd-headers", path, fault: "loads-not-ascending" },
  "base-without-fuse": { kind: "base-without-fuse", path },
  "base-several-fuses": { kind: "base-several-fuses", path, count: 2 },
  "base-already-injected": { kind: "base-already-injected", path, by: "note" },
  "blob-not-sea": { kind: "blob-not-sea", path, why: "magic" },
  "blob-version-mismatch": { kind: "blob-version-mismatch", path, blob: "v26.10.0", base: "v24.21.0" },
  "no-room": { kind: "no-room", path, why: "gap" },
  "trim-mismatch": { kind: "trim-mismatch", path, base: "/app/node" },
  "executable-unverified": { kind: "executable-unverified", path, what: "blob" },
  "blob-node-too-old": { kind: "blob-node-too-old", node: path, version: "v20.19.0" },
  "blob-not-made": { kind: "blob-not-made", node: path, exit: "SIGKILL", output: "" },
  "blob-incomplete": { kind: "blob-incomplete", path, size: 10, needs: 20 },
  "output-is-input": { kind: "output-is-input", path },
  "sea-file": { kind: "sea-file", operation: "write", path, code: "ENOSPC" },
  "sea-arguments": { kind: "sea-arguments", action: "inject", problem: "--base is missing" },
};

for (const failure of Object.values(ALL)) {
  test(`${failure.kind} is worded in whole sentences`, () => {
    const { what, why, next } = seaWords(failure);
    for (const text of [what, next, ...(why === undefined ? [] : [why])]) {
      assert.match(text, /^\S.*[.)]$/s);
      assert.doesNotMatch(text, /undefined|Infinity|NaN|\[object/);
    }
    const subject = failure.kind === "sea-arguments" ? "inject" : path;
    assert.ok(`${what} ${next}`.includes(subject), what);
  });
}
