import assert from "node:assert/strict";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  readdirSync,
  readFileSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { withoutRoot } from "../../toolchain/src/run/cache/cache.ts";
import { pruneCache, type RunOptions, showCache } from "../../toolchain/src/run/index.ts";
import { notRoot } from "../app.ts";
import { shell, Workshop } from "./workshop.ts";

const LARGE = 2 << 20;

const lib: Step = shell(
  "lib",
  ["src/"],
  ["o/lib.a", "o/inc/"],
  'cat src/* sys > "$1"; chmod 640 "$1"; echo header > "$2/x.h"; ln -s x.h "$2/link.h"; echo "x: sys" > "$3"',
  { shared: true, depfile: "o/lib.d" },
);
const base: Step = shell("base", [], ["o/base"], `head -c ${LARGE} /dev/zero > "$1"; chmod 755 "$1"`, {
  shared: true,
});

interface Town {
  readonly cache: string;
  readonly options: Partial<RunOptions>;
  app(): Workshop;
}

function town(t: TestContext): Town {
  const cache = join(new Workshop(t).root, "cache");
  const app = () => {
    const shop = new Workshop(t);
    shop.write("src/a", "a");
    shop.write("sys", "1");
    return shop;
  };
  return { cache, options: { cache }, app };
}

/** Ids of the steps that came out of the cache, sorted: steps that do not need each other end in any order. */
async function restored(
  shop: Workshop,
  steps: readonly Step[],
  options: Partial<RunOptions>,
): Promise<string[]> {
  const { events, failure } = await shop.build(steps, options);
  assert.equal(failure, undefined);
  return events
    .flatMap((event) => (event.type === "skip" && event.reason.kind === "restored" ? [event.step.id] : []))
    .sort();
}

function objectFiles(cache: string): string[] {
  const folder = join(cache, "v1/objects");
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .map((name) => join(folder, name))
    .filter((file) => lstatSync(file).isFile());
}

test("a second app takes what the first has built, with modes and links", async (t) => {
  const { app, options } = town(t);
  const [first, second] = [app(), app()];
  assert.deepEqual(await restored(first, [lib, base], options), []);
  assert.deepEqual(await restored(second, [lib, base], options), ["base", "lib"]);
  assert.equal(second.read("o/lib.a"), "a1");
  assert.equal(second.read("o/inc/link.h"), "header\n");
  for (const path of ["o/lib.a", "o/base"]) {
    assert.equal(statSync(second.path(path)).mode, statSync(first.path(path)).mode);
  }
  assert.deepEqual((await second.build([lib, base], options)).ran, []);
  assert.deepEqual(await restored(second, [lib, base], options), [], "up to date, not taken again");
});

test("a declared or discovered input that differs is another result; both are kept", async (t) => {
  const { app, options } = town(t);
  const [first, second, third] = [app(), app(), app()];
  await first.build([lib], options);
  second.write("sys", "2");
  assert.deepEqual(await restored(second, [lib], options), []);
  third.write("src/a", "b");
  assert.deepEqual(await restored(third, [lib], options), []);
  assert.equal(second.read("o/lib.a") + third.read("o/lib.a"), "a2b1");
  second.write("sys", "1");
  assert.deepEqual(await restored(second, [lib], options), ["lib"]);
  third.write("src/a", "a");
  third.write("sys", "2");
  assert.deepEqual(await restored(third, [lib], options), ["lib"]);
  assert.equal(second.read("o/lib.a") + third.read("o/lib.a"), "a1a2");
});

test("where an app lies makes no difference, and a longer name is another place", async (t) => {
  const { app, options } = town(t);
  const placed = (shop: Workshop) => ({ ...lib, env: { FLAGS: `-ffile-prefix-map=${shop.root}/=` } });
  const [first, second] = [app(), app()];
  await first.build([placed(first)], options);
  assert.deepEqual(await restored(second, [placed(second)], options), ["lib"]);
  assert.equal(withoutRoot("/a/b:/a/b/c:/a/bc:/a/b-1", "/a/b"), "\0:\0/c:/a/bc:/a/b-1");
});

test("steps that are not shared do not enter the cache", async (t) => {
  const { app, options, cache } = town(t);
  await app().build([{ ...lib, shared: false }], options);
  assert.deepEqual(showCache(cache).results, []);
});

test("a damaged file is found out, dropped, and built again", async (t) => {
  const { app, options, cache } = town(t);
  await app().build([lib, base], options);
  for (const file of objectFiles(cache)) {
    const bytes = readFileSync(file);
    bytes[bytes.length >> 1]! ^= 1;
    chmodSync(file, 0o600);
    writeFileSync(file, bytes);
    const shop = app();
    await shop.build([lib, base], options);
    assert.equal(shop.read("o/lib.a") + shop.read("o/inc/x.h"), "a1header\n");
    assert.ok(readFileSync(shop.path("o/base")).equals(Buffer.alloc(LARGE)));
    assert.deepEqual(await restored(app(), [lib, base], options), ["base", "lib"], "whole again");
  }
});

test("a damaged manifest, at any byte, is as none", async (t) => {
  const { app, options, cache } = town(t);
  await app().build([lib], options);
  const [name] = readdirSync(join(cache, "v1/manifests"), { recursive: true, encoding: "utf8" }).filter((n) =>
    n.includes("/"),
  );
  const file = join(cache, "v1/manifests", name!);
  const whole = readFileSync(file);
  const shop = app();
  for (let at = 0; at < whole.length; at += 7) {
    const broken = Buffer.from(whole);
    broken[at]! ^= 1 << (at % 8);
    writeFileSync(file, at % 2 ? broken : whole.subarray(0, at));
    shop.remove(".output");
    assert.deepEqual(await restored(shop, [lib], options), [], `byte ${at}`);
    assert.equal(shop.read("o/lib.a"), "a1");
  }
});

test("a large file is one file with the cache's, read-only; a change of it is noticed everywhere", async (t) => {
  const { app, options, cache } = town(t);
  const [first, second] = [app(), app()];
  await first.build([base], options);
  await second.build([base], options);
  assert.equal(statSync(first.path("o/base")).mode & 0o777, 0o555);
  chmodSync(first.path("o/base"), 0o755);
  writeFileSync(first.path("o/base"), "meddled");
  for (const shop of [second, first, app()]) {
    const { failure } = await shop.build([base], options);
    assert.equal(failure, undefined);
    assert.ok(readFileSync(shop.path("o/base")).equals(Buffer.alloc(LARGE)));
  }
  assert.ok(objectFiles(cache).every((file) => readFileSync(file).equals(Buffer.alloc(LARGE))));
});

test("a cache that others may write to, or that is another's, is not used", async (t) => {
  const { app, options, cache } = town(t);
  await app().build([lib], options);
  assert.equal(statSync(cache).mode & 0o777, 0o700);
  chmodSync(cache, 0o770);
  assert.deepEqual(await restored(app(), [lib], options), []);
  const refused = (error: unknown) => error instanceof Failure && error.failure.kind === "cache-not-ours";
  assert.throws(() => showCache(cache), refused);
  assert.throws(() => pruneCache(cache, { maxBytes: 0 }), refused);
  chmodSync(cache, 0o700);
  assert.deepEqual(await restored(app(), [lib], options), ["lib"]);
  if (process.getuid?.() === 0) {
    chownSync(cache, 12_345, 0);
    assert.deepEqual(await restored(app(), [lib], options), []);
  }
});

test("a file that was given away together with an app is made again", { skip: notRoot }, async (t) => {
  const { app, cache, options } = town(t);
  const [first, second, third] = [app(), app(), app()];
  await restored(first, [base], options);
  chownSync(first.path("o/base"), 12_345, 12_345);
  for (const file of objectFiles(cache)) chownSync(file, 12_345, 12_345);
  assert.deepEqual(await restored(second, [base], options), []);
  assert.equal(statSync(second.path("o/base")).uid, 0);
  assert.deepEqual(await restored(third, [base], options), ["base"]);
  for (const file of objectFiles(cache)) assert.equal(statSync(file).uid, 0, file);
});

test("a cache that cannot be made does not stop a build", async (t) => {
  const { app } = town(t);
  const shop = app();
  shop.write("file", "");
  assert.deepEqual(await shop.ran([lib], { cache: shop.path("file/cache") }), ["lib"]);
});

test("the cache shows what it holds and drops what was used longest ago", async (t) => {
  const { app, options, cache } = town(t);
  assert.deepEqual(showCache(cache), { path: cache, bytes: 0, results: [] });
  const sized = (n: number): Step =>
    shell(`s${n}`, [], [`o/${n}`], `head -c 1000 /dev/zero | tr '\\0' ${n} > "$1"`, { shared: true });
  const steps = [sized(1), sized(2), sized(3)];
  await app().build(steps, options);
  const manifests = join(cache, "v1/manifests");
  for (const name of readdirSync(manifests, { recursive: true, encoding: "utf8" }))
    utimesSync(join(manifests, name), 1000, 1000);
  assert.deepEqual(await restored(app(), [sized(2)], options), ["s2"]);
  const shown = showCache(cache);
  assert.deepEqual([shown.bytes, shown.results.length, shown.results[0]?.id], [3000, 3, "s2"]);
  assert.deepEqual(pruneCache(cache, { maxBytes: 1500 }), { results: 2, freed: 2000, bytes: 1000 });
  assert.deepEqual(await restored(app(), steps, options), ["s2"]);
  pruneCache(cache, { maxBytes: 0 });
  assert.deepEqual(showCache(cache), { path: cache, bytes: 0, results: [] });
  assert.ok(existsSync(cache));
});
