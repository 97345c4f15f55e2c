import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { describe, it } from "node:test";
import { App, hash } from "../build/app.ts";
import { killBuilds } from "./kill.ts";

const PRODUCTS = ["tmp.bpf.o", "bpf.o", "skel.h", "skel.ts", "skel.o", "node", "cjs", "blob"].map(
  (kind) => `.output/minimal.${kind}`,
);

/**
 * The number of kills. They are few because each takes a while; kill.test.ts kills a plan of quick steps many times
 * more often.
 */
const COUNT = Number(process.env.KILLS ?? 25);

describe("an app whose builds are killed", () => {
  it("comes out with the same bytes, whenever that is", async () => {
    const app = App.make("minimal");
    const edited = ["src/minimal.bpf.c", "src/minimal.ts", "vendor/zlib/inflate.c"];
    const originals = new Map(edited.map((file) => [file, readFileSync(app.path(file))]));
    const restore = () => {
      for (const [file, bytes] of originals) writeFileSync(app.path(file), bytes);
    };
    const edits = edited.map((file) => () => {
      restore();
      appendFileSync(app.path(file), "\n/* edited */ ;\n");
    });
    const nothing = () => {
      restore();
      for (const folder of [".output", "dist"]) rmSync(app.path(folder), { recursive: true, force: true });
    };
    const digest = () =>
      [...PRODUCTS, "dist/minimal"]
        .map((file) => (existsSync(app.path(file)) ? hash(app.path(file)) : "none"))
        .join(" ");
    const command = ["node_modules/.bin/bpf-app", "build"];
    const result = await killBuilds(
      { command, folder: app.dir, states: [nothing, restore, ...edits], digest },
      COUNT,
    );
    assert.deepEqual(result.harm, []);
    assert.equal(result.kills, COUNT);
  });
});
