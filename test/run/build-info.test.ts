import assert from "node:assert/strict";
import { test } from "node:test";
import { parseBuildInfo } from "../../toolchain/src/run/build-info.ts";
import { shell, Workshop } from "./workshop.ts";

test("names what TypeScript has read and looked for, and not its own library", () => {
  const info = {
    version: "7.0.2",
    fileNames: ["lib.es5.d.ts", "../src/app.ts", "/elsewhere/x.d.ts", "./minimal.skel.ts"],
    packageJsons: ["../package.json"],
    missingPackageJsons: ["../node_modules/@types/buffer/package.json"],
  };
  assert.deepEqual(parseBuildInfo(JSON.stringify(info), "/app/.output"), [
    "/app/src/app.ts",
    "/elsewhere/x.d.ts",
    "/app/.output/minimal.skel.ts",
    "/app/package.json",
    "/app/node_modules/@types/buffer/package.json",
  ]);
  const before = { program: { fileNames: ["../src/app.ts"] }, version: "5.5.4" };
  assert.deepEqual(parseBuildInfo(JSON.stringify(before), "/app/.output"), ["/app/src/app.ts"]);
});

test("a text of another form is none", () => {
  for (const text of ["", "{", "[]", "null", "7", "{}", '{"fileNames":"x"}', '{"program":null}'])
    assert.equal(parseBuildInfo(text, "/app"), undefined, text);
});

test("makes a step run again when such a file changes, appears or goes", async (t) => {
  const shop = new Workshop(t);
  shop.write("src/a.ts", "1");
  const names = {
    fileNames: ["../../../../../../src/a.ts"],
    missingPackageJsons: ["../../../../../../b.json"],
  };
  const steps = [
    shell("types", [], [".output/t.tsbuildinfo"], `echo '${JSON.stringify(names)}' > "$1"`, {
      depfile: ".output/t.tsbuildinfo",
    }),
  ];
  assert.deepEqual(await shop.ran(steps), ["types"]);
  assert.deepEqual(await shop.ran(steps), []);
  shop.write("src/a.ts", "2");
  assert.deepEqual(await shop.ran(steps), ["types"]);
  shop.write("b.json", "{}");
  assert.deepEqual(await shop.ran(steps), ["types"]);
  assert.deepEqual(await shop.ran(steps), []);
});
