import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Pins } from "../../vendor/pins.ts";
import { folderWith } from "../app.ts";
import { makeArchive } from "../forge/archive.ts";
import { GOODS, goodsPins } from "../forge/goods.ts";
import {
  type Asked,
  type Fetched,
  faultsOf,
  fetchInto as fetchFrom,
  filesBelow,
  NOWHERE,
} from "./fetching.ts";

const archive = makeArchive(folderWith({}), GOODS);
const pins = goodsPins(archive);

/** Vendors by the index alone, from the archive unless other mirrors are named. */
function fetchInto(app: string, asked: Partial<Asked> = {}): Promise<Fetched> {
  return fetchFrom({
    pins,
    app,
    cache: folderWith({}),
    origins: ["index"],
    mirrors: [archive.uri],
    ...asked,
  });
}

function withDistro(change: Partial<Pins["distro"]>): Pins {
  return { ...pins, distro: { ...pins.distro, ...change } };
}

const thingC = (app: string) => readFileSync(join(app, "vendor/thing/src/thing.c"), "utf8");

test("a source package is unpacked as far as it is needed, with the distribution's patches", async () => {
  const app = folderWith({});
  await fetchInto(app);
  assert.deepEqual(filesBelow(join(app, "vendor/thing")), ["LICENSE", "src/deep/er.c", "src/thing.c"]);
  assert.equal(thingC(app), "fixed\n");
});

test("the source archive inside a binary package is unpacked without what is to be dropped", async () => {
  const app = folderWith({});
  await fetchInto(app);
  assert.deepEqual(filesBelow(join(app, "vendor/kernel")), ["tools/keep.c"]);
});

test("the app records suite, package, versions and hashes, and no time", async () => {
  const [one, two] = [folderWith({}), folderWith({})];
  const { provenance } = await fetchInto(one);
  await fetchInto(two);
  const text = readFileSync(join(one, "vendor/origins.json"), "utf8");
  assert.equal(text, readFileSync(join(two, "vendor/origins.json"), "utf8"));
  assert.deepEqual(JSON.parse(text), provenance);
  const { files, ...thing } = provenance.sources.thing!;
  assert.deepEqual(thing, {
    origin: "index",
    version: "1.0",
    licence: "MIT",
    suite: "Debian trixie",
    package: "thing",
    packageVersion: "1.0-2",
    patches: ["fix.patch"],
    tried: [],
  });
  assert.deepEqual(
    files!.map((file) => file.name),
    ["thing_1.0-2.debian.tar.xz", "thing_1.0-2.dsc", "thing_1.0.orig.tar.gz"],
  );
  for (const file of files!) assert.match(file.sha256, /^[0-9a-f]{64}$/);
  const { version, packageVersion } = provenance.sources.kernel!;
  assert.deepEqual([version, packageVersion], ["6.1", "6.1-1"]);
});

test("the cache serves the second app without any mirror", async () => {
  const cache = folderWith({});
  const [one, two] = [folderWith({}), folderWith({})];
  const first = await fetchInto(one, { cache });
  assert.deepEqual(await fetchInto(two, { cache, mirrors: [] }), first);
  assert.deepEqual(filesBelow(join(two, "vendor")), filesBelow(join(one, "vendor")));
  assert.deepEqual(readdirSync(cache).sort(), ["files", "packages", "trees"]);
});

test("a changed file in the cache is noticed and made anew from the download", async () => {
  const cache = folderWith({});
  await fetchInto(folderWith({}), { cache });
  const victim = filesBelow(cache).find((path) => path.endsWith("src/thing.c"))!;
  writeFileSync(join(cache, victim), "evil\n");
  const app = folderWith({});
  await fetchInto(app, { cache, mirrors: [NOWHERE] });
  assert.equal(thingC(app), "fixed\n");
  assert.equal(readFileSync(join(cache, victim), "utf8"), "fixed\n");
});

test("a changed download in the cache is noticed and fetched anew", async () => {
  const cache = folderWith({});
  await fetchInto(folderWith({}), { cache });
  for (const path of filesBelow(cache))
    if (/^(?:files|trees)\//.test(path)) appendFileSync(join(cache, path), " ");
  const [fault] = await faultsOf(fetchInto(folderWith({}), { cache, mirrors: [NOWHERE] }));
  assert.equal(fault?.kind, "unreachable");
  const app = folderWith({});
  await fetchInto(app, { cache });
  assert.equal(thingC(app), "fixed\n");
});

test("the next mirror is asked where one does not answer, and nobody asks that one again", async () => {
  const app = folderWith({});
  const { said } = await fetchInto(app, { mirrors: [NOWHERE, archive.uri] });
  assert.ok(existsSync(join(app, "vendor/kernel/tools/keep.c")));
  assert.deepEqual(said, []);
});

test("an index that is newer than its pool is the next suite's turn, and that is said", async () => {
  const stale = makeArchive(folderWith({}), GOODS);
  rmSync(stale.path("pool/main/t/thing/thing_1.0-2.dsc"));
  const app = folderWith({});
  const { provenance, said } = await fetchInto(app, { pins: goodsPins(stale), mirrors: [stale.uri] });
  assert.equal(thingC(app), "old\n");
  const { version, suite, tried } = provenance.sources.thing!;
  assert.deepEqual([version, suite], ["0.9", "Debian bookworm"]);
  assert.deepEqual([tried[0]?.origin, tried[0]?.offer], ["index", "trixie"]);
  assert.match(tried[0]!.why, /has no .*thing_1\.0-2\.dsc/);
  assert.equal(said.length, 1);
  assert.match(said[0]!, /^thing: not from index \(trixie\): /);
});

test("a suite that is gone is the next suite's turn", async () => {
  const app = folderWith({});
  await fetchInto(app, { pins: withDistro({ suites: ["nosuch", "trixie"] }) });
  assert.equal(thingC(app), "fixed\n");
});

test("an archive signed by somebody else is refused, in every suite", async () => {
  const faults = await faultsOf(
    fetchInto(folderWith({}), { pins: withDistro({ keyring: archive.otherKeyring }) }),
  );
  assert.deepEqual([...new Set(faults.map(({ kind }) => kind))], ["unsigned"]);
  assert.match(JSON.stringify(faults), /NO_PUBKEY|not signed|Missing key/);
});

test("a package changed after it was signed is refused, and nothing of it is kept", async () => {
  const tampered = makeArchive(folderWith({}), GOODS);
  const path = tampered.path("pool/main/t/thing/thing_1.0.orig.tar.gz");
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  const cache = folderWith({});
  const { sources, distro } = goodsPins(tampered);
  const one = { sources: sources.slice(0, 1), distro: { ...distro, suites: ["trixie"] } };
  const app = folderWith({});
  const faults = await faultsOf(fetchInto(app, { pins: one, mirrors: [tampered.uri], cache }));
  assert.equal(faults[0]?.kind, "corrupt");
  assert.deepEqual(filesBelow(app), []);
  const { sha256 } = { sha256: tampered.sha256("pool/main/t/thing/thing_1.0.orig.tar.gz") };
  assert.ok(!existsSync(join(cache, "files", sha256)));
});

test("absent archive keys are named with the package that has them", async () => {
  const nokeys = withDistro({ keyring: "/nonexistent/keys.gpg" });
  const faults = await faultsOf(fetchInto(folderWith({}), { pins: nokeys }));
  assert.deepEqual(faults, [
    { kind: "lacks", what: "Debian's archive keys", install: { manager: "apt", packages: ["some-keyring"] } },
  ]);
});

test("a machine whose apt knows no mirror is told so", async () => {
  const faults = await faultsOf(fetchInto(folderWith({}), { mirrors: [] }));
  assert.deepEqual(faults, [{ kind: "no-mirror", distro: "Debian" }]);
});

test("an absent package is named", async () => {
  const [thing, kernel] = pins.sources;
  const rename = (pin: Pins["sources"][number], index: Pins["sources"][number]["distro"]["index"]) => ({
    ...pins,
    sources: [{ ...pin, distro: { ...pin.distro, index } }],
  });
  const source = rename(thing!, [{ source: "no-such-thing" }]);
  const [first] = await faultsOf(fetchInto(folderWith({}), { pins: source }));
  assert.deepEqual(
    [first?.kind, first && "what" in first && first.what],
    ["absent", "package no-such-thing in trixie"],
  );
  const entry = { package: "no-such-source", inner: "x", version: "1", suites: ["trixie"] };
  const [second] = await faultsOf(fetchInto(folderWith({}), { pins: rename(kernel!, [entry]) }));
  assert.deepEqual(
    [second?.kind, second && "what" in second && second.what],
    ["absent", "package no-such-source in trixie"],
  );
});

test("what a killed fetch left in the cache is removed a day later", async () => {
  const cache = folderWith({ "scratch-old/half": "", "scratch-new/half": "" });
  utimesSync(join(cache, "scratch-old"), 0, 0);
  await fetchInto(folderWith({}), { cache });
  assert.deepEqual(
    readdirSync(cache).filter((name) => name.startsWith("scratch-")),
    ["scratch-new"],
  );
});

test("an interrupted fetch leaves no scratch in the cache", async () => {
  const cache = folderWith({});
  const controller = new AbortController();
  const app = folderWith({});
  mkdirSync(join(app, "vendor"));
  setTimeout(() => controller.abort(new Error("stop")), 150);
  await assert.rejects(fetchInto(app, { cache, signal: controller.signal }), { message: "stop" });
  assert.deepEqual(
    readdirSync(cache).filter((name) => name.startsWith("scratch-")),
    [],
  );
});
