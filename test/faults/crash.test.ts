import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Workshop } from "../run/workshop.ts";
import { digest, removeOutputs, toyPlan, writeSources } from "./toy.ts";

const here = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const FOLDERS = ["o", "dist"];
/** Every so many changes one is tried. */
const STRIDE = Number(process.env.STRIDE ?? 1);

test("a build dies before each of its changes to the file system in turn, and the next one makes it good", async (t) => {
  const shop = new Workshop(t);
  const cache = join(new Workshop(t).root, "cache");
  shop.write("plan.json", JSON.stringify(toyPlan));
  const wanted: string[] = [];
  for (let version = 0; version < 8; version++) {
    writeSources(shop.root, version);
    await shop.ran(toyPlan, { cache });
    wanted.push(digest(shop.root, FOLDERS));
  }
  const first = 1 + Math.floor(Math.random() * STRIDE);
  let last = first;
  for (let n = first, tries = 1; n < last + 5 * STRIDE; n += STRIDE, tries++) {
    if (tries % 3 === 0) removeOutputs(shop.root, [...FOLDERS, ".output"]);
    if (tries % 5 === 0) removeOutputs(cache, ["."]);
    writeSources(shop.root, tries % 8);
    if (dies(shop.root, cache, n)) last = n;
    await shop.ran(toyPlan, { cache });
    assert.equal(digest(shop.root, FOLDERS), wanted[tries % 8], `call ${n}`);
  }
  assert.ok(last > 40, `${last} calls`);
});

/** Whether the build got as far as its n-th change of a file. */
function dies(root: string, cache: string, n: number): boolean {
  const args = ["--import", here("crash.ts"), here("build.ts"), root, "plan.json", cache];
  const { signal } = spawnSync(process.execPath, args, { env: { ...process.env, BPF_APP_CRASH: `${n}` } });
  return signal === "SIGKILL";
}
