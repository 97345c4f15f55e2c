import assert from "node:assert/strict";
import { appendFileSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { readPins } from "../../vendor/pins.ts";
import { toSubmodules } from "../../vendor/submodules.ts";
import { folderWith } from "../app.ts";
import { git, makeForge, redirect } from "../forge/forge.ts";
import { STAND_INS } from "../forge/trees.ts";
import { failureOf, fetchInto, filesBelow } from "./fetching.ts";

const forge = await makeForge(folderWith({}), STAND_INS);
after(() => forge.stop());
const pins = await readPins(forge.pins);
const { signal } = new AbortController();

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

/** An app with plain files in a repository of its own, committed. */
async function plainApp(): Promise<string> {
  const app = folderWith({ "package.json": "{}" });
  Object.assign(process.env, redirect(forge.port));
  await fetchInto({ pins, app, cache: folderWith({}), origins: ["git"], submodules: false });
  git(app, "init", "--quiet");
  // "*.log" is ignored by nobody here, but a vendored source may hold such a file.
  git(app, "add", "--all", "--force");
  git(app, "commit", "--quiet", "-m", "app");
  return app;
}

test("plain files become submodules at the pinned commits, and the commit is the user's", async () => {
  const app = await plainApp();
  const made = await toSubmodules({ pins, app, cache: folderWith({}), signal });
  assert.deepEqual(made, ["libbpf", "bpftool", "libelf", "zlib"]);
  const links = git(app, "ls-files", "--stage", "vendor")
    .split("\n")
    .filter((line) => line.startsWith("160000"));
  assert.deepEqual(
    links.map((line) => line.split(/\s+/)[1]).sort(),
    pins.sources.map(({ commit }) => commit).sort(),
  );
  assert.equal(readFileSync(join(app, "vendor/zlib/zlib.h"), "utf8"), "zlib\n");
  const { sources } = JSON.parse(readFileSync(join(app, "vendor/origins.json"), "utf8"));
  assert.equal(sources.zlib.origin, "git");
  git(app, "commit", "--quiet", "-m", "submodules");
  assert.equal(git(app, "status", "--porcelain"), "");
  assert.deepEqual(
    await toSubmodules({ pins, app, cache: folderWith({}), signal }),
    [],
    "nothing is left to do",
  );
});

test("what the user changed and did not commit is never replaced", async () => {
  const app = await plainApp();
  appendFileSync(join(app, "vendor/libbpf/src/libbpf.c"), "mine\n");
  writeFileSync(join(app, "vendor/zlib/new.c"), "mine\n");
  const failure = await failureOf(toSubmodules({ pins, app, cache: folderWith({}), signal }));
  assert.deepEqual(failure, { kind: "source-changed", paths: ["vendor/libbpf", "vendor/zlib"] });
  assert.equal(readFileSync(join(app, "vendor/libbpf/src/libbpf.c"), "utf8"), "libbpf\nmine\n");
  assert.ok(!existsSync(join(app, ".gitmodules")));
});

test("a forge that is not reached changes nothing", async () => {
  const app = await plainApp();
  const files = filesBelow(app).filter((path) => !path.startsWith(".git/"));
  Object.assign(process.env, redirect(9));
  const failure = await failureOf(toSubmodules({ pins, app, cache: folderWith({}), signal }));
  assert.equal(failure.kind, "submodule-unavailable");
  assert.deepEqual(
    filesBelow(app).filter((path) => !path.startsWith(".git/")),
    files,
  );
  assert.equal(git(app, "status", "--porcelain"), "");
});

test("a folder that is no app, or no repository of its own, is told so", async () => {
  const empty = folderWith({});
  assert.equal(
    (await failureOf(toSubmodules({ pins, app: empty, cache: empty, signal }))).kind,
    "not-vendored",
  );
  const app = folderWith({});
  Object.assign(process.env, redirect(forge.port));
  await fetchInto({ pins, app, cache: folderWith({}), origins: ["git"] });
  assert.equal(
    (await failureOf(toSubmodules({ pins, app, cache: folderWith({}), signal }))).kind,
    "no-repository",
  );
});
