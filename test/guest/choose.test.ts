import assert from "node:assert/strict";
import { test } from "node:test";
import { ARCHES } from "../../toolchain/src/base/arch.ts";
import type { Failure } from "../../toolchain/src/base/failure.ts";
import { acquire, acquireLibraries } from "../../toolchain/src/guest/acquire.ts";
import {
  type Choice,
  candidates,
  knownVersions,
  quickVersions,
  type Release,
  tooFew,
  WANTED,
  type Wanted,
} from "../../toolchain/src/guest/choose.ts";

const want = (version: string, release: Release = "trixie"): Wanted => ({ version, release });
const serve = (...names: string[]) => names.map((name) => ({ name, version: "1" }));
const image = (abi: string) => `linux-image-${abi}-cloud-amd64`;
const split = (abi: string, ...parts: string[]) =>
  serve(...parts.map((part) => `linux-${part}-${abi}-cloud-amd64`));

/** A download that fails for some kernels, as it does where the index is newer than the pool. */
function missing(...abis: string[]) {
  const tried: string[] = [];
  return {
    tried,
    get: async ({ abi }: Choice) => {
      tried.push(abi);
      if (abis.includes(abi)) throw new Error("404  Not Found");
      return abi;
    },
  };
}

test("kernels of a version come from the newest on, by number and not by letter", () => {
  const served = serve(image("6.12.94+deb13"), image("6.12.107+deb13"), image("6.1.0-50"));
  assert.deepEqual(
    candidates(want("6.12"), served, ARCHES.x64).map(({ abi, note }) => [abi, note]),
    [
      ["6.12.107+deb13", undefined],
      ["6.12.94+deb13", undefined],
    ],
  );
});

test("rebuilds for another release, debug and unsigned packages are passed over", () => {
  const served = serve(
    image("6.1.0-0.deb11.52"),
    image("6.1.0-47"),
    `${image("6.1.0-99")}-dbg`,
    `${image("6.1.0-98")}-unsigned`,
  );
  assert.deepEqual(
    candidates(want("6.1"), served, ARCHES.x64).map(({ abi }) => abi),
    ["6.1.0-47"],
  );
});

test("a split kernel takes its parts, and one without modules comes after all that have them, and says so", () => {
  const served = [
    ...split("7.1.14+deb13", "image", "binary"),
    ...split("7.1.13+deb13", "image", "binary", "modules"),
  ];
  const found = candidates(want("7.1"), served, ARCHES.x64);
  assert.deepEqual(
    found.map(({ abi, packages }) => [abi, packages.length]),
    [
      ["7.1.13+deb13", 3],
      ["7.1.14+deb13", 2],
      ["7.1.13+deb13", 2],
    ],
  );
  assert.equal(found[0]?.note, undefined);
  assert.match(found[1]?.note ?? "", /no modules for 7\.1\.14/);
});

test("versions that are not in the table stand in, from the nearest on, with the newest release's libraries", () => {
  const served = serve(image("5.4.1"), image("6.4.1+deb13"), image("6.1.0-50"), image("6.5.2+deb13"));
  const found = candidates(want("5.10", "bullseye"), served, ARCHES.x64);
  assert.deepEqual(
    found.map(({ version, release }) => [version, release]),
    [
      ["5.4", "trixie"],
      ["6.4", "trixie"],
      ["6.5", "trixie"],
    ],
  );
  assert.match(found[0]?.note ?? "", /no 5\.10 kernel can be had any more; 5\.4 instead/);
});

test("a kernel that is listed but gone costs no other: the next of its version is taken, and that is said", async () => {
  const served = serve(image("6.12.107+deb13"), image("6.12.94+deb13"), image("6.16.3+deb13"));
  const { get, tried } = missing("6.12.107+deb13");
  const { acquired, notes } = await acquire([want("6.12"), want("6.16")], served, get, ARCHES.x64);
  assert.deepEqual(
    acquired.map(({ got }) => got),
    ["6.12.94+deb13", "6.16.3+deb13"],
  );
  assert.equal(
    acquired[0]?.choice.note,
    "6.12.107+deb13 cannot be had (404  Not Found); 6.12.94+deb13 instead",
  );
  assert.equal(acquired[1]?.choice.note, undefined);
  assert.deepEqual(notes, []);
  assert.equal(tried.length, 3);
});

test("a version of which all is gone is replaced by the nearest that is not in the table, each once", async () => {
  const served = serve(
    image("6.16.3+deb13"),
    image("6.18.9+deb13"),
    image("7.4.1+deb13"),
    image("7.5.1+deb13"),
  );
  const { get } = missing("6.16.3+deb13", "7.5.1+deb13");
  const table = ["6.16", "6.17", "6.18", "6.19"].map((version) => want(version));
  const { acquired, notes } = await acquire(table, served, get, ARCHES.x64);
  assert.deepEqual(
    acquired.map(({ choice, got }) => [choice.wanted, got]),
    [
      ["6.16", "7.4.1+deb13"],
      ["6.18", "6.18.9+deb13"],
    ],
  );
  assert.match(acquired[0]?.choice.note ?? "", /6\.16\.3\+deb13 cannot be had.*7\.4 instead/);
  assert.equal(notes.length, 2);
  assert.match(notes[0] ?? "", /^No 6\.17 kernel can be had.*7\.5\.1\+deb13 cannot be had \(404/);
  assert.match(notes[1] ?? "", /^No 6\.19 kernel/);
});

test("a kernel that already stands for another version is not taken again", async () => {
  const { get } = missing();
  const { acquired } = await acquire([want("6.17")], serve(image("7.4.1")), get, ARCHES.x64, ["7.4"]);
  assert.deepEqual(acquired, []);
});

test("a split kernel whose modules alone are gone is used without, if no other has them", async () => {
  const served = split("7.1.13+deb13", "image", "binary", "modules");
  const get = async ({ packages }: Choice) => {
    if (packages.some(({ name }) => name.includes("modules"))) throw new Error("404");
    return packages.length;
  };
  const { acquired } = await acquire([want("7.1")], served, get, ARCHES.x64);
  assert.equal(acquired[0]?.got, 2);
  assert.match(acquired[0]?.choice.note ?? "", /no modules for 7\.1\.13/);
});

test("libraries that are gone from a release come from its security suite, or from another release", async () => {
  const from = (served: string[]) => async (suite: string) => {
    if (!served.includes(suite)) throw new Error("gone");
    return suite;
  };
  assert.deepEqual(await acquireLibraries("bookworm", from(["bookworm", "trixie"])), { got: "bookworm" });
  const { got, note } = await acquireLibraries("bookworm", from(["bullseye", "trixie-security"]));
  assert.equal(got, "trixie-security");
  assert.match(note ?? "", /of bookworm cannot be had \(gone\);.*libraries of trixie-security instead$/);
  await assert.rejects(acquireLibraries("bookworm", from([])), /bookworm.*trixie.*bullseye/);
});

test("the quick kernels are the oldest and the newest of the table", () => {
  assert.deepEqual(quickVersions(), ["5.10", "7.3"]);
});

test("fewer than nine kernels are no matrix, nor are fewer than were asked for", () => {
  const all = WANTED.map(({ version }) => version);
  assert.equal(tooFew(all), undefined);
  assert.equal(tooFew(all.slice(2)), undefined);
  assert.match(tooFew(all.slice(3)) ?? "", /^8 kernels could be had \(6\.16, .*\), and 9 are needed/);
  assert.equal(tooFew(["6.1"], ["6.1"]), undefined);
  assert.match(tooFew([], ["6.1"]) ?? "", /^0 kernels could be had \(none\), and 1 are needed/);
  assert.equal(tooFew([], []), undefined);
});

test("versions that a user names are those of the table, and another one is answered with the nearest", () => {
  assert.deepEqual(knownVersions(["6.12", "5.10", "6.12"]), ["6.12", "5.10"]);
  assert.deepEqual(
    knownVersions(["all"]),
    WANTED.map(({ version }) => version),
  );
  const nearest = (version: string) => {
    try {
      return knownVersions([version]);
    } catch (error) {
      return (error as Failure<"guest">).failure;
    }
  };
  for (const [version, near] of [
    ["5.15", "5.10"],
    ["6.0", "6.1"],
    ["6.13", "6.12"],
    ["4.19", "5.10"],
    ["9.1", "7.3"],
    ["newest", undefined],
  ] as const) {
    const failure = nearest(version) as { kind: string; nearest?: string };
    assert.deepEqual([failure.kind, failure.nearest], ["unknown-kernel", near], version);
  }
});
