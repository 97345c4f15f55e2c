import assert from "node:assert/strict";
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import type { Step } from "../../toolchain/src/plan/step.ts";
import { shell, Workshop } from "../run/workshop.ts";

const action = (id: string, inputs: readonly string[], output: string): Step => ({
  ...shell(id, inputs, [output], ""),
  argv: ["bpf-app", "copy", { out: output }, ...inputs],
  tools: [],
});

const plan = [action("one", ["a"], "o1"), action("two", ["o1", "b"], "o2")];

const actions = {
  copy: async ([to, ...from]: readonly string[], { root }: { root: string }) => {
    writeFileSync(join(root, to!), from.map((path) => readFileSync(join(root, path))).join(""));
    return undefined;
  },
};

/** The engine's files, with what they held when the app was in each of its two states. */
async function states(shop: Workshop) {
  const found: { a: string; files: Map<string, Buffer> }[] = [];
  const folder = shop.path(".output/.bpf-app");
  for (const a of ["x", "y"]) {
    shop.write("a", a);
    await shop.ran(plan, { actions });
    const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
      statSync(join(folder, name)).isFile(),
    );
    found.push({
      a,
      files: new Map(names.map((name) => [join(folder, name), readFileSync(join(folder, name))])),
    });
  }
  return found;
}

/** Of so many places in a file, one is damaged. */
const STRIDE = Number(process.env.STRIDE ?? 1);

/**
 * The file cut off at every length, and then with one bit turned over in every byte, or the same at places that lie
 * STRIDE bytes apart.
 */
function* damages(bytes: Buffer): Generator<[string, Buffer]> {
  const first = Math.floor(Math.random() * STRIDE);
  for (let at = first; at < bytes.length; at += STRIDE) yield [`cut at ${at}`, bytes.subarray(0, at)];
  for (let at = first; at < bytes.length; at += STRIDE) {
    const turned = Buffer.from(bytes);
    turned[at]! ^= 1 << (at % 8);
    yield [`a bit of byte ${at} turned`, turned];
  }
}

test("damage of any state file means to build again, whether or not a source has changed since", async (t) => {
  const shop = new Workshop(t);
  shop.write("b", "b");
  let tried = 0;
  for (const { a, files } of await states(shop)) {
    for (const [file, bytes] of files) {
      for (const [how, damaged] of damages(bytes)) {
        for (const [other, whole] of files) writeFileSync(other, whole);
        writeFileSync(file, damaged);
        shop.write("a", tried % 3 ? a : "x");
        const { failure } = await shop.build(plan, { actions });
        assert.equal(failure, undefined, `${file} ${how}`);
        assert.equal(shop.read("o2"), `${tried % 3 ? a : "x"}b`, `${file} ${how}`);
        tried++;
      }
    }
  }
  assert.ok(tried * STRIDE > 2_000, `${tried}`);
});

test("folders where files should be, and files where folders should be", async (t) => {
  const shop = new Workshop(t);
  shop.write("a", "a");
  shop.write("b", "b");
  await shop.ran(plan, { actions });
  for (const name of ["stats", "records/one", "records/two"]) {
    shop.remove(`.output/.bpf-app/${name}`);
    shop.write(`.output/.bpf-app/${name}/stray`, "");
    assert.equal((await shop.build(plan, { actions })).failure, undefined, name);
  }
  shop.write("a", "new");
  assert.equal((await shop.build(plan, { actions })).failure, undefined);
  assert.equal(shop.read("o2"), "newb");
});
