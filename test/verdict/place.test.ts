import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { placeOf } from "../../toolchain/src/verdict/place.ts";
import { folderWith } from "../app.ts";

const SOURCE = "int a;\n\tif (a)\n\t\t*value += 1;\n\tb();\n\tb();\n";
const here = process.cwd();
const app = folderWith({ "src/app.bpf.c": SOURCE, "src/lib/app.h": "int helper(void);\n" });
before(() => process.chdir(app));
after(() => process.chdir(here));

test("a place is a path from the app's folder, where the kernel tells the base name", () => {
  const frame = "  app.bpf.c:3\n> 3 | \t\t*value += 1;";
  assert.deepEqual(placeOf({ file: "app.bpf.c", line: 3, frame }, "app"), {
    file: "src/app.bpf.c",
    line: 3,
    frame: "  src/app.bpf.c:3\n> 3 | \t\t*value += 1;",
  });
});

test("a file that is not the app's is named as the kernel names it", () => {
  assert.deepEqual(placeOf({ file: "bpf_helpers.h", line: 9, frame: "  bpf_helpers.h:9" }, "app"), {
    file: "bpf_helpers.h",
    line: 9,
    frame: "  bpf_helpers.h:9",
  });
});

test("a line of which the kernel tells the text alone is found in the sources", () => {
  const found = placeOf({ frame: "  *value += 1;" }, "app");
  assert.deepEqual([found.file, found.line], ["src/app.bpf.c", 3]);
  assert.match(
    found.frame ?? "",
    /^ {2}src\/app\.bpf\.c:3\n {2}1 \| int a;[\s\S]*\n> 3 \| \t\t\*value \+= 1;/,
  );
  assert.equal(placeOf({ frame: "  int helper(void);" }, "app").file, "src/lib/app.h");
});

test("a line that is there twice, or not at all, is shown without a place", () => {
  assert.deepEqual(placeOf({ frame: "  b();" }, "app"), { frame: "  b();" });
  assert.deepEqual(placeOf({ frame: "  c();" }, "app"), { frame: "  c();" });
  assert.deepEqual(placeOf({}, "app"), {});
});
