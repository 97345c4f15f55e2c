import assert from "node:assert/strict";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { test } from "node:test";
import { Staging } from "../../create/src/staging.ts";
import { folderWith } from "../app.ts";

const failsAs = (kind: string) => (error: { failure?: { kind: string } }) => error.failure?.kind === kind;

test("nothing is at the target before commit, everything after", async () => {
  const target = join(folderWith({}), "app");
  const staging = await Staging.open(target);
  writeFileSync(join(staging.folder, "file"), "text");
  assert.ok(!existsSync(target));
  assert.equal(statSync(staging.folder).dev, statSync(dirname(target)).dev);
  await staging.commit();
  assert.equal(readFileSync(join(target, "file"), "utf8"), "text");
  assert.deepEqual(readdirSync(dirname(target)), ["app"]);
});

test("an empty folder stays the same folder", async () => {
  const target = join(folderWith({}), "app");
  mkdirSync(target, { mode: 0o750 });
  const before = statSync(target);
  const staging = await Staging.open(target);
  writeFileSync(join(staging.folder, "file"), "text");
  mkdirSync(join(staging.folder, "sub"));
  await staging.commit();
  assert.deepEqual(readdirSync(target).sort(), ["file", "sub"]);
  assert.equal(statSync(target).ino, before.ino);
  assert.equal(statSync(target).mode, before.mode);
});

test("a folder with anything in it is refused and left alone", async () => {
  const root = folderWith({ "app/.hidden": "mine" });
  await assert.rejects(Staging.open(join(root, "app")), failsAs("target-not-empty"));
  assert.deepEqual(readdirSync(root), ["app"]);
  assert.deepEqual(readdirSync(join(root, "app")), [".hidden"]);
});

test("a file and a dangling symlink are refused", async () => {
  const root = folderWith({ file: "mine" });
  symlinkSync("nowhere", join(root, "link"));
  await assert.rejects(Staging.open(join(root, "file")), failsAs("target-not-a-folder"));
  await assert.rejects(Staging.open(join(root, "link")), failsAs("target-not-a-folder"));
  assert.deepEqual(readdirSync(root).sort(), ["file", "link"]);
});

test("a file in the way of the path is refused", async () => {
  await assert.rejects(
    Staging.open(join(folderWith({ file: "mine" }), "file", "app")),
    failsAs("target-unwritable"),
  );
});

test("a symlink to an empty folder leads there", async () => {
  const root = folderWith({});
  mkdirSync(join(root, "real"));
  symlinkSync("real", join(root, "link"));
  const staging = await Staging.open(join(root, "link"));
  writeFileSync(join(staging.folder, "file"), "");
  await staging.commit();
  assert.deepEqual(readdirSync(join(root, "real")), ["file"]);
});

test("discard leaves nothing, not even the folders made above the target", async () => {
  const root = folderWith({});
  const staging = await Staging.open(join(root, "a", "b", "app"));
  writeFileSync(join(staging.folder, "file"), "");
  await staging.discard();
  assert.deepEqual(readdirSync(root), []);
});

test("discard keeps a folder that was there, and what others put beside", async () => {
  const root = folderWith({});
  mkdirSync(join(root, "empty"));
  const inside = await Staging.open(join(root, "empty"));
  await inside.discard();
  assert.deepEqual(readdirSync(join(root, "empty")), []);
  const above = await Staging.open(join(root, "a", "app"));
  writeFileSync(join(root, "a", "other"), "");
  await above.discard();
  assert.deepEqual(readdirSync(join(root, "a")), ["other"]);
});

test("a target that appeared meanwhile is not overwritten", async () => {
  const root = folderWith({});
  const staging = await Staging.open(join(root, "app"));
  writeFileSync(join(staging.folder, "file"), "ours");
  mkdirSync(join(root, "app"));
  writeFileSync(join(root, "app", "file"), "theirs");
  await assert.rejects(staging.commit(), failsAs("target-not-empty"));
  await staging.discard();
  assert.deepEqual(readdirSync(root), ["app"]);
  assert.equal(readFileSync(join(root, "app", "file"), "utf8"), "theirs");
});

test("a file that appeared in an empty target meanwhile is not overwritten", async () => {
  const root = folderWith({});
  mkdirSync(join(root, "app"));
  const staging = await Staging.open(join(root, "app"));
  writeFileSync(join(staging.folder, "file"), "ours");
  writeFileSync(join(root, "app", "file"), "theirs");
  await assert.rejects(staging.commit(), failsAs("target-not-empty"));
  await staging.discard();
  assert.equal(readFileSync(join(root, "app", "file"), "utf8"), "theirs");
  assert.deepEqual(readdirSync(join(root, "app")), ["file"]);
});
