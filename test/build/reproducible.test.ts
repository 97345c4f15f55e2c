import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, it } from "node:test";
import { App, hash, run } from "./app.ts";

const PRODUCTS = ["tmp.bpf.o", "bpf.o", "skel.h", "skel.ts", "node", "blob"].map(
  (kind) => `.output/minimal.${kind}`,
);

describe("two checkouts", () => {
  it("at other places, at another time and with other ways of their users, make the same bytes", () => {
    const first = App.make("minimal");
    const place = join(dirname(first.dir), "another-place,deeper", "down");
    mkdirSync(place, { recursive: true });
    cpSync(first.dir, join(place, "clone"), { recursive: true, verbatimSymlinks: true });
    const second = new App(join(place, "clone"));
    const alone = { BPF_APP_CACHE: "off" };
    assert.equal(first.build(["-j", "2"], alone).status, 0);
    const elsewhere = {
      ...alone,
      HOME: place,
      LANG: "de_DE.UTF-8",
      TZ: "Asia/Tokyo",
      USER: "someone",
      LOGNAME: "someone",
    };
    const built = run(
      second.dir,
      ["sh", "-c", "umask 077; exec node_modules/.bin/bpf-app build -j 1"],
      elsewhere,
    );
    assert.equal(built.status, 0, built.stderr);
    for (const file of [...PRODUCTS, "dist/minimal"]) {
      assert.equal(hash(second.path(file)), hash(first.path(file)), file);
    }
    for (const file of PRODUCTS) {
      assert.ok(!readFileSync(first.path(file)).includes(first.dir), `${file} holds the folder of its build`);
    }
  });
});
