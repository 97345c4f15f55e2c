import assert from "node:assert/strict";
import { test } from "node:test";
import { writeProvenance } from "../../vendor/provenance.ts";
import { folderWith, MINIMAL } from "../app.ts";
import { bpfApp } from "./run.ts";

test("vendor says of each source its version, its origin and what exactly was taken", async () => {
  const app = folderWith(MINIMAL);
  const common = { licence: "MIT", tried: [] };
  const files = [{ name: "zlib_1.3.orig.tar.gz", size: 1, sha256: "0" }];
  await writeProvenance(app, {
    sources: {
      libbpf: { ...common, origin: "git", version: "1.7.0", commit: "f5dcbae" },
      bpftool: {
        ...common,
        origin: "index",
        version: "7.5",
        suite: "Debian trixie",
        package: "linux-source-6.12",
        packageVersion: "6.12.9-1",
      },
      zlib: { ...common, origin: "pool", version: "1.3", files },
    },
  });
  const { status, stdout, stderr } = bpfApp(app, ["vendor"]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  assert.deepEqual(
    stdout.split("\n").map((line) => line.trim().split(/ {2,}/)),
    [
      ["libbpf", "1.7.0", "git", "f5dcbae"],
      ["bpftool", "7.5", "index", "Debian trixie, linux-source-6.12 6.12.9-1"],
      ["zlib", "1.3", "pool", "zlib_1.3.orig.tar.gz"],
      [""],
    ],
  );
});

test("vendor says that nothing is known where nothing was vendored", () => {
  const app = folderWith(MINIMAL);
  const { status, stdout, stderr } = bpfApp(app, ["vendor"]);
  assert.deepEqual({ status, stdout }, { status: 1, stdout: "" });
  assert.ok(stderr.includes(app) && stderr.includes("vendor/origins.json"), stderr);
});
