import assert from "node:assert/strict";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Pins } from "../../create/src/vendor/pins.ts";
import type { DistroProvenance } from "../../create/src/vendor/provenance.ts";
import { vendor } from "../../create/src/vendor/vendor.ts";
import { folderWith } from "../app.ts";
import { makeArchive } from "../forge/archive.ts";

const archive = makeArchive(folderWith({}));

const nowhere = "http://127.0.0.1:9/debian";

interface Asked {
  readonly cache?: string;
  readonly archives?: readonly string[];
  readonly pins?: Pins;
  readonly signal?: AbortSignal;
}

async function fetchInto(app: string, asked: Asked = {}): Promise<Record<string, DistroProvenance>> {
  const provenance = await vendor({
    pins: asked.pins ?? archive.pins,
    app,
    origin: "distro",
    submodules: false,
    cache: asked.cache ?? folderWith({}),
    archives: asked.archives ?? [archive.uri],
    signal: asked.signal ?? new AbortController().signal,
    say: () => {},
  });
  return provenance.sources as Record<string, DistroProvenance>;
}

function tree(folder: string): string[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
}

function withDistro(change: Partial<Pins["distro"]>): Pins {
  return { ...archive.pins, distro: { ...archive.pins.distro, ...change } };
}

async function failure(promise: Promise<unknown>): Promise<{ kind: string } & Record<string, unknown>> {
  try {
    await promise;
  } catch (error) {
    const { failure } = error as { failure?: { kind: string } & Record<string, unknown> };
    if (failure) return failure;
    throw error;
  }
  throw new assert.AssertionError({ message: "it worked" });
}

test("a source package is unpacked as far as it is needed, with the distribution's patches", async () => {
  const app = folderWith({});
  await fetchInto(app);
  assert.deepEqual(tree(join(app, "vendor/thing")), ["LICENSE", "src/deep/er.c", "src/thing.c"]);
  assert.equal(readFileSync(join(app, "vendor/thing/src/thing.c"), "utf8"), "fixed\n");
});

test("the source archive inside a binary package is unpacked without what is to be dropped", async () => {
  const app = folderWith({});
  await fetchInto(app);
  assert.deepEqual(tree(join(app, "vendor/kernel")), ["tools/keep.c"]);
});

test("the app records package, version and hashes, and no time", async () => {
  const [one, two] = [folderWith({}), folderWith({})];
  const sources = await fetchInto(one);
  await fetchInto(two);
  const text = readFileSync(join(one, "vendor/origins.json"), "utf8");
  assert.equal(text, readFileSync(join(two, "vendor/origins.json"), "utf8"));
  assert.deepEqual(JSON.parse(text), { origin: "distro", sources });
  const { files, ...thing } = sources.thing!;
  assert.deepEqual(thing, {
    distro: "Debian",
    suite: "trixie",
    package: "thing",
    version: "1.0-2",
    licence: "MIT",
    patches: ["fix.patch"],
  });
  assert.deepEqual(
    files.map((file) => file.name),
    ["thing_1.0-2.debian.tar.xz", "thing_1.0-2.dsc", "thing_1.0.orig.tar.gz"],
  );
  for (const file of files) assert.match(file.sha256, /^[0-9a-f]{64}$/);
  assert.equal(sources.kernel!.version, "6.1-1");
});

test("a machine whose apt knows no archive is told so", async () => {
  const { kind, distro } = await failure(fetchInto(folderWith({}), { archives: [] }));
  assert.deepEqual([kind, distro], ["archive-unknown", archive.pins.distro.name]);
});

test("the cache serves the second app without any archive", async () => {
  const cache = folderWith({});
  const [one, two] = [folderWith({}), folderWith({})];
  const first = await fetchInto(one, { cache });
  assert.deepEqual(await fetchInto(two, { cache, archives: [] }), first);
  assert.deepEqual(tree(join(two, "vendor")), tree(join(one, "vendor")));
  assert.deepEqual(readdirSync(cache).sort(), ["files", "packages", "trees"]);
});

test("a changed file in the cache is noticed and made anew from the download", async () => {
  const cache = folderWith({});
  await fetchInto(folderWith({}), { cache });
  const victim = tree(cache).find((path) => path.endsWith("src/thing.c"))!;
  writeFileSync(join(cache, victim), "evil\n");
  const app = folderWith({});
  await fetchInto(app, { cache, archives: [nowhere] });
  assert.equal(readFileSync(join(app, "vendor/thing/src/thing.c"), "utf8"), "fixed\n");
  assert.equal(readFileSync(join(cache, victim), "utf8"), "fixed\n");
});

test("a changed download in the cache is noticed and fetched anew", async () => {
  const cache = folderWith({});
  await fetchInto(folderWith({}), { cache });
  for (const path of tree(cache)) if (/^(?:files|trees)\//.test(path)) appendFileSync(join(cache, path), " ");
  assert.equal(
    (await failure(fetchInto(folderWith({}), { cache, archives: [nowhere] }))).kind,
    "archive-unreachable",
  );
  const app = folderWith({});
  await fetchInto(app, { cache });
  assert.equal(readFileSync(join(app, "vendor/thing/src/thing.c"), "utf8"), "fixed\n");
});

test("two scaffolds at once share a cache", async () => {
  const cache = folderWith({});
  const apps = [folderWith({}), folderWith({}), folderWith({})];
  await Promise.all(apps.map((app) => fetchInto(app, { cache })));
  for (const app of apps)
    assert.equal(readFileSync(join(app, "vendor/thing/src/thing.c"), "utf8"), "fixed\n");
  assert.deepEqual(readdirSync(cache).sort(), ["files", "packages", "trees"]);
});

test("the next archive is tried where one does not answer", async () => {
  const app = folderWith({});
  await fetchInto(app, { archives: [nowhere, archive.uri] });
  assert.ok(existsSync(join(app, "vendor/kernel/tools/keep.c")));
});

test("an archive signed by somebody else is refused", async () => {
  const found = await failure(
    fetchInto(folderWith({}), { pins: withDistro({ keyring: archive.otherKeyring }) }),
  );
  assert.equal(found.kind, "archive-unsigned");
  assert.match(String(found.output), /NO_PUBKEY/);
});

test("a package changed after it was signed is refused, and nothing of it is kept", async () => {
  const tampered = makeArchive(folderWith({}));
  const path = tampered.path("pool/thing_1.0.orig.tar.gz");
  const bytes = readFileSync(path);
  bytes[bytes.length - 1]! ^= 1;
  writeFileSync(path, bytes);
  const cache = folderWith({});
  const app = folderWith({});
  const found = await failure(fetchInto(app, { pins: tampered.pins, archives: [tampered.uri], cache }));
  assert.equal(found.kind, "download-corrupt");
  assert.deepEqual(tree(app), []);
  assert.deepEqual(tree(cache), []);
});

test("absent archive keys are named with the package that has them", async () => {
  const found = await failure(
    fetchInto(folderWith({}), { pins: withDistro({ keyring: "/nonexistent/keys.gpg" }) }),
  );
  assert.deepEqual(found, {
    kind: "keyring-missing",
    path: "/nonexistent/keys.gpg",
    package: "some-keyring",
    distro: "Debian",
  });
});

test("an absent package is named", async () => {
  const [thing, kernel] = archive.pins.sources;
  const missing = {
    ...archive.pins,
    sources: [{ ...thing!, distro: { ...thing!.distro, source: "no-such-thing" } }],
  };
  assert.equal((await failure(fetchInto(folderWith({}), { pins: missing }))).package, "no-such-thing");
  const binary = {
    ...archive.pins,
    sources: [{ ...kernel!, distro: { ...kernel!.distro, package: "no-such-source" } }],
  };
  const found = await failure(fetchInto(folderWith({}), { pins: binary }));
  assert.deepEqual([found.kind, found.package], ["package-missing", "no-such-source"]);
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
