import assert from "node:assert/strict";
import { join } from "node:path";
import { describe, it } from "node:test";
import { findProject } from "../../toolchain/src/config/typescript.ts";
import { folderWith } from "../app.ts";

const sources = {
  "src/app.ts": "",
  "src/deep/view.tsx": "",
  "src/app.bpf.c": "",
  "tools/script.mts": "",
  "node_modules/other/index.ts": "",
  "vendor/x.ts": "",
  ".output/app.skel.ts": "",
  "bpf-app.config.ts": "",
};

describe("the TypeScript project of an app", () => {
  const project = (files: Readonly<Record<string, string>>) =>
    findProject(folderWith({ ...sources, ...files }));

  it("is none without a tsconfig.json", () => {
    assert.equal(project({}), undefined);
  });

  it("has the files of the folders that are included, and those that are named", () => {
    const found = project({
      "tsconfig.json": `{
        // Comments and trailing commas are allowed here.
        "include": ["src/**/*", ".output/*.skel.ts", "bpf-app.config.ts", "absent"],
      }`,
    });
    assert.deepEqual(found, {
      configs: ["tsconfig.json"],
      files: ["bpf-app.config.ts", "src/app.ts", "src/deep/view.tsx"],
    });
  });

  it("has all files of the app where nothing is named", () => {
    assert.deepEqual(project({ "tsconfig.json": "{}" })?.files, [
      "bpf-app.config.ts",
      "src/app.ts",
      "src/deep/view.tsx",
      "tools/script.mts",
    ]);
  });

  it("has them also where the app's folder has the name of one whose files are others'", () => {
    const files = Object.entries(sources).map(([path, text]) => [`vendor/${path}`, text]);
    const root = folderWith({
      ...Object.fromEntries(files),
      "vendor/tsconfig.json": `{ "include": ["**/*"] }`,
    });
    assert.deepEqual(findProject(join(root, "vendor"))?.files.slice(0, 2), [
      "bpf-app.config.ts",
      "src/app.ts",
    ]);
  });

  it("has the configurations that are extended: by path, of packages, several, in a circle", () => {
    const found = project({
      "tsconfig.json": `{ "extends": ["./config/base", "shared/strict.json", "@scope/pkg", "./absent"] }`,
      "config/base.json": `{ "extends": "../tsconfig.json", "include": ["../tools"] }`,
      "node_modules/shared/strict.json": "{}",
      "node_modules/@scope/pkg/tsconfig.json": "{}",
    });
    assert.deepEqual(found, {
      configs: [
        "tsconfig.json",
        "config/base.json",
        "node_modules/shared/strict.json",
        "node_modules/@scope/pkg/tsconfig.json",
      ],
      files: ["tools/script.mts"],
    });
  });

  it("is found in a configuration that cannot be parsed, of which tsc will say what is wrong", () => {
    assert.deepEqual(project({ "tsconfig.json": "nonsense" })?.configs, ["tsconfig.json"]);
  });
});
