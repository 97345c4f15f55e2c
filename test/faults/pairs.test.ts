import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Workshop } from "../run/workshop.ts";
import { digest, removeOutputs, toyPlan, writeSources } from "./toy.ts";

const DRIVER = fileURLToPath(new URL("build.ts", import.meta.url));
const FOLDERS = ["o", "dist"];
const count = Number(process.env.PAIRS ?? 200);

async function build(root: string, cache: string): Promise<number | null> {
  const child = spawn(process.execPath, [DRIVER, root, "plan.json", cache], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return (await once(child, "exit"))[0];
}

test(`${count} pairs of builds at once, in one folder or in two with one cache: none fails, all make the same`, async (t) => {
  const cache = join(new Workshop(t).root, "cache");
  const shops = [new Workshop(t), new Workshop(t)];
  for (const shop of shops) shop.write("plan.json", JSON.stringify(toyPlan));
  const wanted: string[] = [];
  for (let version = 0; version < 8; version++) {
    writeSources(shops[0]!.root, version);
    await shops[0]!.ran(toyPlan, { cache });
    wanted.push(digest(shops[0]!.root, FOLDERS));
  }
  for (let n = 0; n < count; n++) {
    const roots = shops.map(({ root }) => (n % 4 === 0 ? root : shops[n % 2]!.root));
    for (const root of new Set(roots)) {
      writeSources(root, n % 8);
      if (n % 5 === 0) removeOutputs(root, [...FOLDERS, ".output"]);
    }
    if (n % 3 === 0) removeOutputs(cache, ["."]);
    assert.deepEqual(await Promise.all(roots.map((root) => build(root, cache))), [0, 0], `pair ${n}`);
    for (const root of new Set(roots)) assert.equal(digest(root, FOLDERS), wanted[n % 8], `pair ${n}`);
  }
});
