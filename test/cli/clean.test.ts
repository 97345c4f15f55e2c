import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith, MINIMAL } from "../app.ts";
import { bpfApp } from "./run.ts";

const BUILT = {
  ".output/minimal.bpf.o": "",
  ".output/.bpf-app/host.json": "{}",
  "compile_commands.json": "[]",
  "dist/minimal": "",
};

test("clean removes what builds made, says so, and leaves all else", () => {
  const app = folderWith({ ...MINIMAL, ...BUILT, "dist/notes.txt": "mine", "other.txt": "mine" });
  const { status, stdout, stderr } = bpfApp(app, ["clean"]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  for (const path of [".output", "compile_commands.json", "dist/minimal"]) {
    assert.ok(!existsSync(join(app, path)), `${path} is gone`);
    assert.match(stdout, new RegExp(`CLEAN +${path.replace(".", "\\.")}$`, "m"));
  }
  assert.deepEqual(readdirSync(join(app, "dist")), ["notes.txt"]);
  for (const path of ["other.txt", ...Object.keys(MINIMAL)]) assert.ok(existsSync(join(app, path)), path);
});

test("clean removes dist when nothing else is in it, and has nothing to say the second time", () => {
  const app = folderWith({ ...MINIMAL, ...BUILT });
  assert.equal(bpfApp(app, ["clean"]).status, 0);
  assert.ok(!existsSync(join(app, "dist")));
  assert.deepEqual(bpfApp(app, ["clean"]), { status: 0, stdout: "", stderr: "" });
});

test("clean touches nothing where there is no app", () => {
  const folder = folderWith(BUILT);
  const { status, stderr } = bpfApp(folder, ["clean"]);
  assert.equal(status, 1);
  assert.ok(stderr.includes(folder), stderr);
  for (const path of Object.keys(BUILT)) assert.ok(existsSync(join(folder, path)), path);
});
