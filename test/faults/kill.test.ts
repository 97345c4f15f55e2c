import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { Workshop } from "../run/workshop.ts";
import { killBuilds } from "./kill.ts";
import { digest, removeOutputs, toyPlan, writeSources } from "./toy.ts";

const DRIVER = fileURLToPath(new URL("build.ts", import.meta.url));
const FOLDERS = ["o", "dist"];

const count = Number(process.env.FAULTS ?? 200);

test(`${count} builds are killed at random moments, and the next build makes what an undisturbed one does`, async (t) => {
  const shop = new Workshop(t);
  const { root } = shop;
  const cache = join(new Workshop(t).root, "cache");
  shop.write("plan.json", JSON.stringify(toyPlan));
  const version = (n: number) => () => writeSources(root, n);
  const clean = () => {
    writeSources(root, 0);
    removeOutputs(root, [...FOLDERS, ".output", cache]);
  };
  const { harm, kills } = await killBuilds(
    {
      command: [process.execPath, DRIVER, root, "plan.json", cache],
      folder: root,
      states: [version(1), version(2), version(5), clean],
      digest: () => digest(root, FOLDERS),
      finish: async () => void (await shop.ran(toyPlan, { cache })),
    },
    count,
  );
  assert.deepEqual(harm, []);
  assert.equal(kills, count);
});
