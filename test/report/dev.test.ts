import assert from "node:assert/strict";
import { test } from "node:test";
import { mapsText } from "../../toolchain/src/report/dev.ts";

test("a reload says which maps were kept, and of each other one what has changed", () => {
  assert.equal(mapsText([]), "");
  assert.equal(mapsText([{ kept: ["counts", "rb"], fresh: [], carried: [] }]), ": kept counts, rb");
  const why = "struct event: field `x` is new";
  assert.equal(
    mapsText([{ kept: ["counts"], fresh: [{ map: "events", why }], carried: [] }]),
    ": kept counts; events starts empty: struct event: field `x` is new",
  );
  const more = "`more` is new";
  assert.equal(
    mapsText([
      { kept: [], fresh: [{ map: ".bss", why: more }], carried: [".bss"] },
      { kept: ["other"], fresh: [{ map: ".data", why: more }], carried: [] },
    ]),
    ": kept other; .bss is laid out anew, with the values it had: `more` is new; .data starts with its initial values: `more` is new",
  );
});
