import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, readlinkSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { cpio, type Entry, withParents } from "../../toolchain/src/guest/cpio.ts";

const ENTRIES: readonly Entry[] = [
  { path: "init", type: "file", mode: 0o755, data: Buffer.from("#!/bin/sh\n") },
  { path: "/a/b/c.txt", type: "file", data: Buffer.from("seven b") },
  { path: "a/b/empty", type: "file", data: Buffer.alloc(0) },
  { path: "a/link", type: "symlink", target: "b/c.txt" },
];

test("another cpio unpacks what ours packs", () => {
  const dir = mkdtempSync(join(tmpdir(), "cpio-"));
  try {
    execFileSync("busybox", ["cpio", "-id"], { cwd: dir, input: cpio(withParents(ENTRIES)) });
    assert.equal(readFileSync(join(dir, "init"), "utf8"), "#!/bin/sh\n");
    assert.equal(statSync(join(dir, "init")).mode & 0o777, 0o755);
    assert.equal(readFileSync(join(dir, "a/b/c.txt"), "utf8"), "seven b");
    assert.equal(statSync(join(dir, "a/b/empty")).size, 0);
    assert.equal(readlinkSync(join(dir, "a/link")), "b/c.txt");
  } finally {
    rmSync(dir, { recursive: true });
  }
});

test("the same entries give the same bytes", () => {
  assert.deepEqual(cpio(withParents(ENTRIES)), cpio(withParents(ENTRIES)));
});

test("parents come once, before their children", () => {
  assert.deepEqual(
    withParents(ENTRIES).map((entry) => entry.path),
    ["init", "a", "a/b", "a/b/c.txt", "a/b/empty", "a/link"],
  );
});
