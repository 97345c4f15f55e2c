import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, describe, it } from "node:test";
import { bundle } from "../../toolchain/src/bundle/bundle.ts";
import { run } from "./app.ts";
import { buildPrograms } from "./runtime/make.ts";

// The author of an app imports `bpf-app/runtime` and the generated skeleton imports `bpf-app/generated`. Both are the
// built package here, as an app has it, and not the sources that the other tests of the runtime use.

/** Compares what a skeleton has made with the classes that an author imports. */
const APP = `
import { maps } from "./maps.skel.ts";
import { AddonError, ArrayMap, BpfError, BpfMap, HashMap, Program, StateError, u32 } from "bpf-app/runtime";
import { defineSkeleton, u32 as same } from "bpf-app/generated";

const skel = maps.open();
const found = {
  maps: Object.values(skel.maps).length,
  everyMap: Object.values(skel.maps).every((map) => map instanceof BpfMap),
  hash: skel.maps.hash instanceof HashMap,
  notArray: !(skel.maps.hash instanceof ArrayMap),
  programs: Object.values(skel.progs).every((program) => program instanceof Program),
  attachBeforeLoad: thrownBy(() => skel.attach()) instanceof StateError,
  errorsAreOfOneFamily: thrownBy(() => skel.attach()) instanceof BpfError,
  noAddon: thrownBy(() => defineSkeleton({ name: "none", url: import.meta.url }).open()) instanceof AddonError,
  codecs: u32 === same,
};
skel.destroy();
console.log(JSON.stringify(found));

function thrownBy(call) {
  try {
    call();
  } catch (error) {
    return error;
  }
}
`;

describe("bpf-app/runtime and bpf-app/generated hold the same classes", () => {
  let output = "";
  const name = `entries.${process.pid}`;

  before(async () => {
    output = join(await buildPrograms(), ".output");
    writeFileSync(join(output, `${name}.ts`), APP);
  });
  after(() => {
    for (const kind of ["ts", "cjs", "cjs.d"]) rmSync(join(output, `${name}.${kind}`), { force: true });
  });

  const agree = (file: string) => {
    const { status, stdout, stderr } = run(output, [process.execPath, file]);
    assert.equal(status, 0, stderr);
    const { maps, ...facts } = JSON.parse(stdout) as Record<string, boolean | number>;
    assert.ok((maps as number) > 5, "there are maps to compare");
    for (const [fact, holds] of Object.entries(facts)) assert.equal(holds, true, fact);
  };

  it("where they are imported as they are, as `npm run dev` does", () => agree(`${name}.ts`));

  it("where an app is bundled", async () => {
    const out = `${name}.cjs`;
    const node = process.versions.node;
    await bundle({ root: output, entry: `${name}.ts`, out, depfile: `${out}.d`, node, extra: [] });
    agree(out);
  });
});
