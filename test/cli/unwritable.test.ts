// bpf-app and create-bpf-app where their output goes nowhere.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { CLI, MAIN } from "../mains.ts";
import { intoFullDisk, intoHead } from "../unwritable.ts";

const COMMANDS = {
  "bpf-app --help": [CLI, "--help"],
  "bpf-app settings": [CLI, "settings"],
  "create-bpf-app --help": [MAIN, "--help"],
  "create-bpf-app --list-templates": [MAIN, "--list-templates"],
};

for (const [name, args] of Object.entries(COMMANDS))
  describe(name, () => {
    it("says that the disk is full", async () => {
      const { status, stderr } = await intoFullDisk([process.execPath, ...args]);
      assert.equal(status, 1);
      assert.match(
        stderr,
        /^[\w-]+: cannot write to standard output: ENOSPC \(.*\)\n {2}Make room there, .*\n$/,
      );
    });

    it("ends quietly with its reader", async () => {
      const { status, stderr } = await intoHead([process.execPath, ...args]);
      assert.equal(stderr, "");
      // It may have written all before the reader ended.
      assert.ok(status === 0 || status === 141, String(status));
    });
  });
