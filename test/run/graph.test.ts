import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { orderSteps } from "../../toolchain/src/run/graph.ts";
import { concat, shell } from "./workshop.ts";

function order(steps: readonly Step[], targets?: readonly string[]): string[] {
  return orderSteps("/app", steps, () => [], targets).nodes.map(({ step }) => step.id);
}

function fails(steps: readonly Step[], failure: object, targets?: readonly string[]): void {
  let thrown: unknown;
  try {
    order(steps, targets);
  } catch (error) {
    thrown = error;
  }
  assert.ok(thrown instanceof Failure);
  assert.deepEqual(thrown.failure, failure);
}

test("steps are ordered by the files they exchange, however these are spelled", () => {
  assert.deepEqual(
    order([concat("c", ["./o/../o/b"], "c"), concat("b", ["/app/a"], "o/b"), concat("a", [], "a")]),
    ["a", "b", "c"],
  );
});

test("a folder as output precedes who reads a file in it, and a file who reads its folder", () => {
  assert.deepEqual(order([concat("user", ["inc/deep/x.h"], "u"), shell("maker", [], ["inc/"], "")]), [
    "maker",
    "user",
  ]);
  assert.deepEqual(order([concat("user", ["inc/"], "u"), shell("maker", [], ["inc/deep/x.h"], "")]), [
    "maker",
    "user",
  ]);
});

test("a step may make a file in the folder that it reads", () => {
  assert.deepEqual(order([shell("sum", ["lib/"], ["lib/sum"], "")]), ["sum"]);
});

test("targets keep what they need and nothing else", () => {
  const plan = [concat("a", [], "a"), concat("b", ["a"], "b"), concat("c", ["a"], "c"), concat("d", [], "d")];
  assert.deepEqual(order(plan, ["c"]), ["a", "c"]);
  assert.deepEqual(order(plan, ["d", "b"]).sort(), ["a", "b", "d"]);
  assert.deepEqual(order(plan, []), []);
  fails(plan, { kind: "unknown-step", id: "x", known: ["a", "d", "b", "c"] }, ["x"]);
});

test("plans that cannot be are refused", () => {
  fails([concat("a", ["c"], "a"), concat("b", ["a"], "b"), concat("c", ["b"], "c")], {
    kind: "dependency-cycle",
    steps: ["b", "c", "a"],
  });
  fails([concat("a", [], "x"), concat("b", [], "./x")], {
    kind: "duplicate-output",
    path: "x",
    steps: ["a", "b"],
  });
  fails([shell("a", [], ["x/"], ""), concat("b", [], "x/y/z")], {
    kind: "duplicate-output",
    path: "x/y/z",
    steps: ["a", "b"],
  });
  fails([concat("b", [], "x/y/z"), shell("a", [], ["x/"], "")], {
    kind: "duplicate-output",
    path: "x/",
    steps: ["a", "b"],
  });
  fails([concat("a", [], "x"), concat("a", [], "y")], { kind: "duplicate-step", id: "a" });
});
