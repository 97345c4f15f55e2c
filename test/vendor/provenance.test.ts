import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Failure } from "../../toolchain/src/base/failure.ts";
import { Cache } from "../../vendor/cache.ts";
import { type Provenance, readProvenance, writeProvenance } from "../../vendor/provenance.ts";
import { folderWith } from "../app.ts";

const failsAs =
  (kind: string, problem = /./) =>
  (error: Failure<"vendor">) =>
    error.failure.kind === kind && ("problem" in error.failure ? problem.test(error.failure.problem) : true);

const record = { origin: "git", version: "1.7.0", licence: "BSD-2-Clause", tried: [] } as const;

test("what was written is read back", async () => {
  const app = folderWith({});
  const provenance: Provenance = {
    sources: { libbpf: { ...record, tried: [{ origin: "git", why: "no network" }], files: [] } },
  };
  await writeProvenance(app, provenance);
  assert.deepEqual(await readProvenance(app), provenance);
});

test("an absent file is told from one that somebody changed", async () => {
  await assert.rejects(readProvenance(folderWith({})), failsAs("not-vendored"));
  for (const [text, problem] of [
    ["{", /JSON/],
    ["[]", /object|sources/i],
    [JSON.stringify({ sources: { libbpf: { ...record, origin: "heaven" } } }), /sources\.libbpf\.origin/],
    [JSON.stringify({ sources: { libbpf: { ...record, files: [{ name: 1 }] } } }), /sources\.libbpf\.files/],
  ] as const) {
    const app = folderWith({ "vendor/origins.json": text });
    await assert.rejects(readProvenance(app), failsAs("provenance-invalid", problem), text);
  }
});

test("a tree whose list names a path outside of it is dropped, and nothing is written there", async () => {
  const root = folderWith({});
  const cache = new Cache(root);
  for (const path of ["../../../outside", "/outside", "a/../../outside", ".."]) {
    await cache.addTree("key", folderWith({ "libbpf.c": "text" }));
    writeFileSync(join(root, "trees/key/tree.json"), JSON.stringify([{ path, link: "anywhere" }]));
    assert.equal(await cache.copyTree("key", join(folderWith({}), "target")), false, path);
  }
  await cache.addTree("key", folderWith({ "..odd/libbpf.c": "text" }));
  assert.equal(await cache.copyTree("key", join(folderWith({}), "target")), true);
});
