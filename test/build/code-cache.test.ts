import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { makeCodeCache } from "../../toolchain/src/sea/code-cache.ts";
import { inject, makeBlob } from "../../toolchain/src/sea/index.ts";
import { nodePackage } from "./nodes.ts";
import { hostArch, makeParts, VERSIONS, workFolder } from "./sea/make.ts";

const folder = workFolder();
const at = (name: string) => join(folder, name);
const nodeOf = async (version: string) => (await nodePackage(hostArch(), version)).node;
const pinned = VERSIONS[1];

before(() => makeParts(folder, hostArch(), []));
after(() => rmSync(folder, { recursive: true, force: true }));

/** Whether a Node refuses a cache of app.cjs. */
function refused(node: string, cache: string): string {
  const program = `const { readFileSync: read } = require("node:fs");
    const parameters = ["exports", "require", "module", "__filename", "__dirname"];
    const options = { cachedData: read(process.argv[2]) };
    const { cachedDataRejected } = require("node:vm").compileFunction(read(process.argv[1], "utf8"), parameters, options);
    console.log(cachedDataRejected);`;
  return spawnSync(node, ["-e", program, at("app.cjs"), cache], { encoding: "utf8" }).stdout.trim();
}

/** Makes an executable of app.cjs, with a code cache or without. */
async function executable(name: string, version: string, codeCache?: string): Promise<string> {
  const node = await nodeOf(version);
  const out = at(`${name}.blob`);
  const cached = codeCache === undefined ? {} : { codeCache };
  await makeBlob({ node, main: at("app.cjs"), assets: {}, out, scratch: folder, ...cached });
  await inject({ base: node, blob: out, out: at(name) });
  return at(name);
}

function answer(program: string, mode: string) {
  const env = { PATH: process.env.PATH, SEA_TEST: mode };
  const { status, stdout, stderr } = spawnSync(program, ["--flag"], { encoding: "utf8", env });
  return { status, stderr, json: stdout === "" ? undefined : JSON.parse(stdout) };
}

/** Where the app's own code stands in a stack: below that Node's differ. */
function own(stack: string): string {
  return stack
    .split("\n")
    .slice(0, 3)
    .join("\n")
    .replaceAll(/\/[^\s:)]*\//g, "");
}

for (const version of VERSIONS) {
  test(`Node ${version}: a cache has the same bytes in any folder, and is taken by that Node alone`, async () => {
    const node = await nodeOf(version);
    const other = at(`elsewhere-${version}`);
    mkdirSync(other);
    copyFileSync(at("app.cjs"), join(other, "app.cjs"));
    const [one, two] = [at(`${version}.cache`), join(other, "cache")];
    await makeCodeCache({ node, script: at("app.cjs"), out: one });
    await makeCodeCache({ node, script: join(other, "app.cjs"), out: two });
    assert.ok(readFileSync(one).length > 1000);
    assert.ok(readFileSync(one).equals(readFileSync(two)));
    assert.equal(refused(node, one), "false");
    const another = await nodeOf(VERSIONS.find((name) => name !== version)!);
    assert.equal(refused(another, one), "true");
  });

  test(`Node ${version}: an executable runs the same with a cache, and with one that is refused`, async () => {
    const none = await executable(`app-${version}`, version);
    const plain = { run: answer(none, "arguments"), stack: answer(none, "stack") };
    rmSync(none);
    writeFileSync(at("garbage"), "no cache".repeat(1000));
    for (const cache of [at(`${version}.cache`), at("garbage")]) {
      const app = await executable(`app-${version}`, version, cache);
      assert.deepEqual(answer(app, "arguments"), plain.run);
      const { status, stderr, json } = answer(app, "stack");
      assert.deepEqual([status, stderr, own(json)], [0, "", own(plain.stack.json)]);
      rmSync(app);
    }
    assert.equal(plain.run.json.version, `v${version}`);
  });
}

test("a script that cannot be compiled is said to be so, with V8's words", async () => {
  writeFileSync(at("broken.cjs"), "const = 1;");
  const node = await nodeOf(pinned);
  await assert.rejects(
    makeCodeCache({ node, script: at("broken.cjs"), out: at("broken.cache") }),
    (error: { failure?: { kind: string; output: string } }) => {
      assert.equal(error.failure?.kind, "blob-not-made");
      assert.match(error.failure.output, /SyntaxError: Unexpected token '='/);
      return true;
    },
  );
});
