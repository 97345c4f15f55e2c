import assert from "node:assert/strict";
import { test } from "node:test";
import { reasonText } from "../../toolchain/src/report/reasons.ts";
import type { Reason } from "../../toolchain/src/run/events.ts";
import type { RunFailure } from "../../toolchain/src/run/failures.ts";
import { runWords } from "../../toolchain/src/run/words.ts";
import { concat } from "./workshop.ts";

const step = concat("bpf:minimal", ["src/minimal.bpf.c"], "o/minimal.bpf.o");

/** One failure of each kind. The compiler sees to it that none is forgotten. */
const failures: { readonly [K in RunFailure["kind"]]: Extract<RunFailure, { kind: K }> } = {
  "step-failed": { kind: "step-failed", step, code: 1, text: "" },
  "step-killed": { kind: "step-killed", step, signal: "SIGKILL", memory: true, text: "" },
  "tool-vanished": { kind: "tool-vanished", step, tool: "clang" },
  "no-space": { kind: "no-space", step, path: "/disk/file" },
  permission: { kind: "permission", path: "/disk/file" },
  "read-only": { kind: "read-only", path: "/disk/file" },
  "system-error": { kind: "system-error", code: "EIO", path: "/disk/file" },
  "output-not-made": { kind: "output-not-made", step, path: "o/minimal.bpf.o" },
  "missing-input": { kind: "missing-input", step, path: "src/minimal.bpf.c" },
  "unknown-action": { kind: "unknown-action", step, action: "sing" },
  "duplicate-step": { kind: "duplicate-step", id: "bpf:minimal" },
  "duplicate-output": { kind: "duplicate-output", path: "dist/x", steps: ["sea:x", "sea:y"] },
  "dependency-cycle": { kind: "dependency-cycle", steps: ["a", "b"] },
  "unknown-step": { kind: "unknown-step", id: "bpf:minimul", known: ["bpf:minimal"] },
  "cache-not-ours": { kind: "cache-not-ours", path: "/home/u/.cache/x" },
  leftover: { kind: "leftover", pid: 42 },
  interrupted: { kind: "interrupted" },
};

for (const [kind, failure] of Object.entries(failures)) {
  test(`${kind} is said in words that name what it is about`, () => {
    const { what, next } = runWords(failure);
    assert.match(what, /\.$/);
    assert.ok(next.length > 0 && !`${what} ${next}`.includes("undefined"));
    const { kind: _, step: about, ...facts } = failure as RunFailure & { step?: typeof step };
    const names = [facts, about ? { id: about.id } : {}]
      .flatMap((part) => Object.values(part))
      .filter((value) => typeof value === "string" && value);
    assert.ok(names.length === 0 || names.some((name) => what.includes(String(name))), what);
  });
}

test("a mistyped step is answered with the one that was meant", () => {
  assert.match(runWords(failures["unknown-step"]).next, /Did you mean bpf:minimal\?/);
});

test("every reason is said in words that name what changed", () => {
  const reasons: { readonly [K in Reason["kind"]]: Extract<Reason, { kind: K }> } = {
    fresh: { kind: "fresh" },
    restored: { kind: "restored" },
    "never-built": { kind: "never-built" },
    "record-unreadable": { kind: "record-unreadable" },
    "command-changed": { kind: "command-changed" },
    "environment-changed": { kind: "environment-changed", name: "SOURCE_DATE_EPOCH" },
    "tool-changed": { kind: "tool-changed", tool: "clang" },
    "input-changed": { kind: "input-changed", path: "a.h" },
    "input-added": { kind: "input-added", path: "a.h" },
    "input-removed": { kind: "input-removed", path: "a.h" },
    "output-missing": { kind: "output-missing", path: "a.o" },
    "output-changed": { kind: "output-changed", path: "a.o" },
  };
  const said = Object.values(reasons).map(reasonText);
  assert.equal(new Set(said).size, said.length);
  for (const reason of Object.values(reasons)) {
    for (const [field, value] of Object.entries(reason))
      if (field !== "kind") assert.ok(reasonText(reason).includes(value));
  }
});
