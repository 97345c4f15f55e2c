import assert from "node:assert/strict";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { folderWith } from "../app.ts";
import { moveTag } from "../forge/forge.ts";
import { SERVER_FAULTS } from "../forge/server.ts";
import { failureOf, fetchInto, filesBelow } from "../vendor/fetching.ts";
import { BESIDE, everything, type Faulty, makeWorld, PATIENCE, scaffold } from "./world.ts";

const world = await makeWorld();

describe("the forge is broken", BESIDE, () => {
  for (const fault of SERVER_FAULTS) {
    it(`${fault}: the published scaffolder takes what it carries`, PATIENCE, async () => {
      const { took, said } = await scaffold(world, { forge: everything(fault), bundle: true });
      assert.deepEqual(new Set(Object.values(took)), new Set(["bundled"]));
      assert.ok(said.length > 0 && said.length <= 4, `a line a turn, not ${JSON.stringify(said)}`);
    });
    it(`${fault}: one in a checkout takes Debian's`, PATIENCE, async () => {
      const { took } = await scaffold(world, { forge: everything(fault) });
      assert.deepEqual(took, { libbpf: "pool", bpftool: "index", libelf: "pool", zlib: "pool" });
    });
  }

  it(
    "a tag that somebody moved: only that source comes from elsewhere, and it is said",
    PATIENCE,
    async () => {
      const root = folderWith({});
      cpSync(world.root, root, { recursive: true });
      const found = moveTag(join(root, "libbpf/libbpf"), "v1.7.0");
      await using open = await world.open(undefined, undefined, root);
      const app = folderWith({});
      const asked = { pins: open.pins, app, cache: folderWith({}), bundle: world.bundle };
      const { provenance, said } = await fetchInto(asked);
      const { libbpf, bpftool } = provenance.sources;
      assert.deepEqual([libbpf?.origin, bpftool?.origin], ["bundled", "git"]);
      assert.match(
        said.join("\n"),
        new RegExp(`^libbpf: not from git .*is at ${found} and not at the pinned`),
      );
      assert.equal(readFileSync(join(app, "vendor/libbpf/src/libbpf.c"), "utf8"), "libbpf\n");
    },
  );

  it("one repository alone: only that source comes from elsewhere", PATIENCE, async () => {
    const forge: Faulty = (path) => (path.includes("/zlib") ? "404" : undefined);
    const { took } = await scaffold(world, { forge, bundle: true });
    assert.deepEqual(took, { libbpf: "git", bpftool: "git", libelf: "git", zlib: "bundled" });
  });
});

describe("everything is broken", BESIDE, () => {
  for (const fault of SERVER_FAULTS.filter((one) => one !== "wrong bytes" && one !== "truncated")) {
    it(`${fault}: the error says it source by source, origin by origin`, PATIENCE, async () => {
      const app = folderWith({});
      await using open = await world.open(everything(fault), everything(fault));
      const failure = await failureOf(
        fetchInto({ pins: open.pins, app, cache: folderWith({}), mirrors: [open.mirror.url] }),
      );
      assert.equal(failure.kind, "sources-unavailable");
      if (failure.kind !== "sources-unavailable") return;
      assert.deepEqual(failure.sources.map(({ name }) => name).sort(), [
        "bpftool",
        "libbpf",
        "libelf",
        "zlib",
      ]);
      for (const { name, tried } of failure.sources) {
        const origins = [...new Set(tried.map(({ origin }) => origin))];
        const able = name === "bpftool" ? ["git", "bundled", "index"] : ["git", "bundled", "pool", "index"];
        for (const origin of able)
          assert.ok(origins.includes(origin as never), `${name} says nothing of ${origin}`);
      }
      assert.deepEqual(filesBelow(app), [], "nothing is left behind");
    });
  }
});

it("what arrived before a failure is kept for the next try", PATIENCE, async () => {
  const cache = folderWith({});
  const broken: Faulty = (path) => (/linux-source/.test(path) ? "404" : undefined);
  await using open = await world.open(everything("404"), broken);
  const asked = { pins: open.pins, cache, mirrors: [open.mirror.url] };
  const failure = await failureOf(fetchInto({ ...asked, app: folderWith({}) }));
  assert.equal(failure.kind, "sources-unavailable");
  await using mended = await world.open(everything("404"));
  await fetchInto({ ...asked, pins: mended.pins, mirrors: [mended.mirror.url], app: folderWith({}) });
  const again = mended.mirror.asked.filter((path) => /\.orig\.tar/.test(path));
  assert.deepEqual(again, []);
});
