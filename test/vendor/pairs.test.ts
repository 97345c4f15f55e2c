import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Pins } from "../../vendor/pins.ts";
import { folderWith } from "../app.ts";
import { makeArchive, type SourcePackage } from "../forge/archive.ts";
import { failureOf, fetchInto } from "./fetching.ts";

// bpftool out of two kernels' trees, 7.7 in trixie and 7.1 in bookworm, and libbpf in whichever versions a test wants.
const INNER_ARCHIVE = "usr/src/linux-source.tar.xz";
const binary = (name: string, suite: string) => ({
  name,
  version: "1-1",
  suites: [suite],
  inner: INNER_ARCHIVE,
  files: { [`${name}.c`]: "" },
});
const libbpf = (version: string, suite: string): SourcePackage => ({
  name: "libbpf",
  version,
  revision: "1",
  suites: [suite],
  files: { "src/libbpf.c": version },
});

function world(...versions: readonly SourcePackage[]): { pins: Pins; mirrors: string[] } {
  const binaries = [binary("linux-source-a", "trixie"), binary("linux-source-b", "bookworm")];
  const archive = makeArchive(folderWith({}), { sources: versions, binaries });
  const common = {
    url: "https://example.org/x",
    tag: "v1",
    commit: "0".repeat(40),
    licence: "MIT",
    keep: ["*"],
  };
  const entry = (name: string, version: string, suite: string) => ({
    package: name,
    inner: INNER_ARCHIVE,
    version,
    suites: [suite],
  });
  const index = [entry("linux-source-a", "7.7", "trixie"), entry("linux-source-b", "7.1", "bookworm")];
  const distro = { keep: ["*"], pool: [] };
  return {
    pins: {
      sources: [
        { ...common, name: "libbpf", distro: { ...distro, index: [{ source: "libbpf" }] } },
        { ...common, name: "bpftool", distro: { ...distro, index } },
      ],
      distro: {
        name: "Debian",
        suites: ["trixie", "bookworm"],
        keyring: archive.keyring,
        keyringPackage: "keys",
      },
    },
    mirrors: [archive.uri],
  };
}

const fetch = (from: ReturnType<typeof world>, app = folderWith({})) =>
  fetchInto({ ...from, app, cache: folderWith({}), origins: ["index"] });

test("a libbpf that goes with the bpftool is looked for in every suite", async () => {
  const { provenance, said } = await fetch(world(libbpf("1.4.6", "trixie"), libbpf("1.7.0", "bookworm")));
  const versions = Object.entries(provenance.sources).map(([name, { version }]) => [name, version]);
  assert.deepEqual(versions, [
    ["libbpf", "1.7.0"],
    ["bpftool", "7.7"],
  ]);
  assert.match(provenance.sources.libbpf!.tried[0]!.why, /libbpf 1\.4\.6 does not go with bpftool 7\.7/);
  assert.deepEqual(said, [], "that two versions do not go together is no news");
});

test("a bpftool for which no libbpf is to be had makes room for the next", async () => {
  const app = folderWith({});
  const { provenance } = await fetch(world(libbpf("1.4.6", "trixie")), app);
  const { libbpf: one, bpftool } = provenance.sources;
  assert.deepEqual([one?.version, bpftool?.version], ["1.4.6", "7.1"]);
  assert.deepEqual(readdirSync(join(app, "vendor/bpftool")), ["linux-source-b.c"]);
});

test("where no pair goes together the error names what was tried", async () => {
  const app = folderWith({});
  const failure = await failureOf(fetch(world(libbpf("1.6.0", "trixie")), app));
  assert.equal(failure.kind, "sources-unavailable");
  assert.match(JSON.stringify(failure), /libbpf 1\.6\.0 does not go with bpftool 7\.7.*with bpftool 7\.1/);
});
