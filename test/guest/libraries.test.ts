import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { librariesIn, ownLibraries } from "../../toolchain/src/guest/libraries.ts";
import { libraryClosure } from "../../toolchain/src/guest/needed.ts";
import { folderWith } from "../app.ts";

test("this machine's libraries are all that its Node needs", () => {
  const found = libraryClosure([process.execPath], ownLibraries());
  assert.match(found.get("libc.so.6") ?? "", /^\/.*libc\.so\.6$/);
  assert.ok(found.size > 3, [...found.keys()].join());
});

test("a folder that LD_LIBRARY_PATH names goes before all others", () => {
  const folder = folderWith({ "libc.so.6": "" });
  const before = process.env.LD_LIBRARY_PATH;
  process.env.LD_LIBRARY_PATH = folder;
  try {
    assert.equal(ownLibraries()("libc.so.6"), join(folder, "libc.so.6"));
  } finally {
    if (before === undefined) delete process.env.LD_LIBRARY_PATH;
    else process.env.LD_LIBRARY_PATH = before;
  }
});

test("one folder has what lies in it, and nothing else", () => {
  const folder = folderWith({ "liba.so.1": "" });
  assert.equal(librariesIn(folder)("liba.so.1"), join(folder, "liba.so.1"));
  assert.equal(librariesIn(folder)("libc.so.6"), undefined);
});
