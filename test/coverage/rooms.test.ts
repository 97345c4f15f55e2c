import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith } from "../app.ts";
import { type Coverage, lengthOf, roomsOf, table } from "./rooms.ts";

const covered = (covered: number, total: number): Coverage => {
  const share = { covered, total };
  return { lines: share, branches: share, functions: share };
};

test("files are summed up by room, and one that no test loads counts with its lines", () => {
  const measured = new Map([
    ["toolchain/src/run/a.ts", covered(5, 10)],
    ["toolchain/src/run/cache/b.ts", covered(10, 10)],
    ["vendor/c.ts", covered(1, 2)],
    ["elsewhere/d.ts", covered(0, 100)],
  ]);
  const sources = [...measured.keys()].filter((path) => !path.startsWith("elsewhere"));
  const unloaded = "toolchain/src/run/unloaded.ts";
  const rooms = roomsOf(measured, [...sources, unloaded, "vendor/types.ts"], (path) =>
    path === unloaded ? 20 : 0,
  );
  assert.equal(
    table(rooms).replaceAll(/ +/g, " "),
    `room lines % branches % functions %
toolchain/src/run 37.5 75.0 75.0
vendor 50.0 50.0 50.0
all 38.1 72.7 72.7

No test loads:
toolchain/src/run/unloaded.ts`,
  );
});

test("a file of types has nothing to run", () => {
  const folder = folderWith({
    "types.ts": "// A comment.\nexport interface A {\n  /** b */\n  readonly b: string;\n}\n",
    "code.ts": "export const a: number = 1;\n",
  });
  assert.equal(lengthOf(join(folder, "types.ts")), 0);
  assert.equal(lengthOf(join(folder, "code.ts")), 2);
});
