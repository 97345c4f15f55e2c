import assert from "node:assert/strict";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { folderWith } from "../app.ts";
import { makeArchive, mirrorOf } from "../forge/archive.ts";
import { GOODS, goodsPins } from "../forge/goods.ts";
import { serve } from "../forge/server.ts";
import {
  type Asked,
  type Fetched,
  faultsOf,
  fetchInto as fetchFrom,
  filesBelow,
  NOWHERE,
} from "./fetching.ts";

const archive = makeArchive(folderWith({}), GOODS);
const whole = goodsPins(archive);
/** The pool has no file of the second source, so it is left out. */
const pins = { ...whole, sources: whole.sources.slice(0, 1) };
const ORIGINAL = "pool/main/t/thing/thing_1.0.orig.tar.gz";

function fetchInto(app: string, asked: Partial<Asked> = {}): Promise<Fetched> {
  return fetchFrom({ pins, app, cache: folderWith({}), origins: ["pool"], mirrors: [archive.uri], ...asked });
}

test("a file of the pool is unpacked as far as it is needed, as upstream made it", async () => {
  const app = folderWith({});
  const { provenance, said } = await fetchInto(app);
  assert.deepEqual(filesBelow(join(app, "vendor/thing")), ["LICENSE", "src/deep/er.c", "src/thing.c"]);
  assert.equal(readFileSync(join(app, "vendor/thing/src/thing.c"), "utf8"), "flaw\n");
  const { files, ...thing } = provenance.sources.thing!;
  assert.deepEqual(thing, { origin: "pool", version: "1.0", licence: "MIT", tried: [] });
  assert.deepEqual(
    files?.map(({ name, sha256 }) => [name, sha256]),
    [["thing_1.0.orig.tar.gz", archive.sha256(ORIGINAL)]],
  );
  assert.deepEqual(said, []);
});

test("neither an index nor a key is needed", async () => {
  const bare = makeArchive(folderWith({}), GOODS);
  rmSync(bare.path("dists"), { recursive: true });
  const { sources, distro } = goodsPins(bare);
  const nokeys = { sources: sources.slice(0, 1), distro: { ...distro, keyring: "/nonexistent" } };
  await fetchInto(folderWith({}), { pins: nokeys, mirrors: [bare.uri] });
});

test("the cache serves the second app without any mirror", async () => {
  const cache = folderWith({});
  const [one, two] = [folderWith({}), folderWith({})];
  const first = await fetchInto(one, { cache });
  assert.deepEqual(await fetchInto(two, { cache, mirrors: [] }), first);
  assert.deepEqual(filesBelow(join(two, "vendor")), filesBelow(join(one, "vendor")));
});

test("once it is unpacked, the file itself is needed no more", async () => {
  const cache = folderWith({});
  const first = await fetchInto(folderWith({}), { cache });
  rmSync(join(cache, "files"), { recursive: true });
  assert.deepEqual(await fetchInto(folderWith({}), { cache, mirrors: [] }), first);
});

test("a damaged tree is unpacked again, from the file that was kept", async () => {
  const cache = folderWith({});
  await fetchInto(folderWith({}), { cache });
  const [tree] = filesBelow(join(cache, "trees")).filter((path) => path.endsWith("src/thing.c"));
  writeFileSync(join(cache, "trees", tree!), "damaged");
  const app = folderWith({});
  await fetchInto(app, { cache, mirrors: [] });
  assert.equal(readFileSync(join(app, "vendor/thing/src/thing.c"), "utf8"), "flaw\n");
});

test("a file with other bytes is refused, and the next mirror asked", async () => {
  const tampered = makeArchive(folderWith({}), GOODS);
  writeFileSync(tampered.path(ORIGINAL), "not an archive");
  // The mirror is asked over HTTP, because of a file on the same machine apt 3 says no more than "Undetermined
  // Error".
  const mirror = await serve(mirrorOf(tampered.path("")));
  after(() => mirror.stop());
  const cache = folderWith({});
  const app = folderWith({});
  const [fault] = await faultsOf(fetchInto(app, { mirrors: [mirror.url], cache }));
  assert.equal(fault?.kind, "corrupt");
  assert.deepEqual(filesBelow(cache), []);
  await fetchInto(app, { mirrors: [mirror.url, archive.uri], cache });
});

test("a file that is gone is named with the mirror that was asked", async () => {
  const empty = folderWith({});
  const [fault] = await faultsOf(fetchInto(folderWith({}), { mirrors: [`file:${empty}`] }));
  assert.deepEqual(fault, { kind: "absent", what: "thing_1.0.orig.tar.gz", place: `file:${empty}` });
});

test("the next mirror is asked where one does not answer", async () => {
  const app = folderWith({});
  await fetchInto(app, { mirrors: [NOWHERE, archive.uri] });
  assert.ok(filesBelow(join(app, "vendor/thing")).length > 0);
});
