import assert from "node:assert/strict";
import { test } from "node:test";
import type { About } from "../../toolchain/src/inspect/about.ts";
import { compare } from "../../toolchain/src/inspect/compare.ts";
import type { Inspection } from "../../toolchain/src/inspect/inspect.ts";
import { plain } from "../../toolchain/src/report/paint.ts";
import { verifyText } from "../../toolchain/src/report/verify.ts";

const ABOUT: About = {
  format: 1,
  name: "minimal",
  node: "24.21.0",
  arch: "x64",
  bpfApp: "0.1.0",
  skeletons: ["minimal"],
  adapts: false,
  libraries: { zlib: { version: "1.3.1" } },
  inputs: { "src/minimal.ts": "1".repeat(64) },
};

function side(sha256: string, parts: Readonly<Record<string, string>>, about: Partial<About> = {}) {
  const inspection = { sha256, about: { ...ABOUT, ...about }, objects: [{ name: "minimal", sha256: "o" }] };
  return { inspection: inspection as unknown as Inspection, parts: new Map(Object.entries(parts)) };
}

const PARTS = { Node: "n", "minimal.cjs": "s", "minimal.node": "a" };
const text = (file: ReturnType<typeof side>, rebuilt: ReturnType<typeof side>) =>
  verifyText(
    {
      file: "x",
      sha256: file.inspection.sha256,
      rebuilt: rebuilt.inspection.sha256,
      ...compare(file, rebuilt),
    },
    plain,
  );

test("the same bytes are the same", () => {
  assert.equal(
    text(side("e", PARTS), side("e", PARTS)),
    "ok: x is what these sources give, byte for byte.\n  sha256 e\n",
  );
});

test("a change between the parts is a change", () => {
  assert.match(
    text(side("e", PARTS), side("f", PARTS)),
    /^differs: x .*\n\n.*\n {2}what lies between the parts\n {4}in the file {2}e\n {4}here {9}f\n\n.*it was changed after/,
  );
});

test("other versions, libraries and sources are named, and parts that only one of them has", () => {
  const file = side("e", { ...PARTS, "other.node": "b" }, { version: "1.2.3", bpfApp: "0.0.9" });
  const rebuilt = side("f", PARTS, { libraries: { zlib: { version: "1.3" } }, inputs: {} });
  const { parts, inputs } = compare(file, rebuilt);
  assert.deepEqual(parts, [{ part: "other.node", file: "b", rebuilt: undefined }]);
  assert.deepEqual(
    inputs.map(({ input, file: there, rebuilt: here }) => [input, there, here]),
    [
      ["bpf-app", "0.0.9", "0.1.0"],
      ["the app's version", "1.2.3", undefined],
      ["library zlib", '{"version":"1.3.1"}', '{"version":"1.3"}'],
      ["src/minimal.ts", `sha256 ${"1".repeat(64)}`, undefined],
    ],
  );
  assert.match(text(file, rebuilt), /\n {2}other\.node\n {4}in the file {2}b\n {4}here {9}-\n/);
});
