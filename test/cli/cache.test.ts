import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { folderWith } from "../app.ts";
import { shell, Workshop } from "../run/workshop.ts";
import { bpfApp } from "./run.ts";

/** A cache with the results of two steps, of 3 MB and of 1 MB; the small one was used last. */
async function filledCache(context: TestContext): Promise<string> {
  const cache = join(folderWith({}), "cache");
  const shop = new Workshop(context);
  for (const [id, megabytes] of [
    ["large", 3],
    ["small", 1],
  ] as const) {
    const script = `head -c ${megabytes}000000 /dev/urandom > "$1"`;
    await shop.ran([shell(id, [], [`o/${id}`], script, { shared: true })], { cache });
  }
  return cache;
}

function cacheVerb(cache: string, ...args: readonly string[]): string {
  const { status, stdout, stderr } = bpfApp(folderWith({}), ["cache", ...args], { BPF_APP_CACHE: cache });
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  return stdout;
}

/** The results that the cache is said to have, without sizes and dates. */
const listed = (text: string) => [...text.matchAll(/^ *[\d.]+ MB {2}(\S+) +used/gm)].map((match) => match[1]);

test("cache show lists each result with its size, what was used last first, and the folder with the sum", async (t) => {
  const cache = await filledCache(t);
  const shown = cacheVerb(cache, "show");
  assert.deepEqual(listed(shown), ["small", "large"]);
  assert.match(shown, / 3\.0 MB {2}large +used \d{4}-\d\d-\d\d \d\d:\d\d/);
  assert.ok(new RegExp(` 4\\.0 MB {2}.*${cache}\n$`).test(shown), shown);
  assert.equal(cacheVerb(cache), shown);
});

test("cache prune drops what was used longest ago, down to the size", async (t) => {
  const cache = await filledCache(t);
  const pruned = cacheVerb(cache, "prune", "--max-size", "2M");
  assert.match(pruned, /\b1 results? removed, 3\.0 MB freed/);
  assert.deepEqual(listed(pruned), ["small"]);
  assert.deepEqual(listed(cacheVerb(cache, "show")), ["small"]);
});

test("cache prune leaves a cache as it is that is smaller", async (t) => {
  const cache = await filledCache(t);
  assert.match(cacheVerb(cache, "prune"), /\b0 results removed/);
  assert.deepEqual(listed(cacheVerb(cache, "show")), ["small", "large"]);
});

test("cache show makes none where there is none, and says where it is looked for", () => {
  const cache = join(folderWith({}), "cache");
  assert.ok(cacheVerb(cache, "show").includes(cache));
  assert.ok(!existsSync(cache));
});

test("cache show says that the cache is off", () => {
  assert.match(cacheVerb("off", "show"), /off/);
});

test("cache show looks where the XDG specification has caches", () => {
  const home = folderWith({});
  const look = (env: NodeJS.ProcessEnv) =>
    bpfApp(home, ["cache"], { BPF_APP_CACHE: undefined, HOME: home, XDG_CACHE_HOME: undefined, ...env })
      .stdout;
  assert.ok(look({}).includes(`${home}/.cache/bpf-app/build`));
  assert.ok(look({ XDG_CACHE_HOME: join(home, "xdg") }).includes(`${home}/xdg/bpf-app/build`));
});
