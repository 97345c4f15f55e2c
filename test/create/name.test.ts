import assert from "node:assert/strict";
import { test } from "node:test";
import { packageName } from "../../create/src/name.ts";

test("a folder's name becomes a name that npm accepts", () => {
  const names: Record<string, string> = {
    "my-tool": "my-tool",
    "My Tool": "my-tool",
    été: "ete",
    "_private.": "private",
    ".hidden": "hidden",
    "a/b@c": "a-b-c",
    工具: "my-bpf-app",
    "": "my-bpf-app",
    node_modules: "node_modules-app",
    fs: "fs-app",
    "tool_1.2": "tool_1.2",
  };
  for (const [folder, name] of Object.entries(names)) assert.equal(packageName(folder), name, folder);
});

test("an app is not named like a package it depends on, which npm would refuse to install", () => {
  assert.equal(packageName("typescript", ["typescript"]), "typescript-app");
});

test("a name is never longer than npm allows", () => {
  assert.ok(packageName("x".repeat(255)).length <= 214);
});
