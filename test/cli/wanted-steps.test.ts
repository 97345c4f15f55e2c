import assert from "node:assert/strict";
import { test } from "node:test";
import type { Prepared } from "../../toolchain/src/cli/prepare.ts";
import { wantedSteps } from "../../toolchain/src/cli/wanted-steps.ts";

const prepared = {
  config: {
    programs: [{ name: "a" }, { name: "b" }],
    targets: [{ name: "a", skeletons: ["a", "b"] }],
  },
  steps: ["addon:a", "skel.ts:a", "addon:b", "skel.ts:b", "types", "sea:a"].map((id) => ({ id })),
} as unknown as Prepared;

test("a build up to the addons takes those of all skeletons that a target uses", () => {
  assert.deepEqual(wantedSteps(prepared, { targets: ["a"], upTo: "addon" }), [
    ...["addon:a", "skel.ts:a", "addon:b", "skel.ts:b"],
  ]);
});

test("further steps are wanted where the plan has them", () => {
  const wanted = wantedSteps(prepared, { targets: ["b"], upTo: "addon", also: ["types", "none"] });
  assert.deepEqual(wanted, ["addon:b", "skel.ts:b", "types"]);
});

test("a name that no program has is refused", () => {
  assert.throws(() => wantedSteps(prepared, { targets: ["c"], upTo: "addon" }), {
    failure: { kind: "unknown-target", name: "c", known: ["a", "b"] },
  });
});
