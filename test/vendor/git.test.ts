import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { promisify } from "node:util";
import { isUnreachable } from "../../vendor/origins/git.ts";
import { readPins } from "../../vendor/pins.ts";
import { folderWith } from "../app.ts";
import { type Forge, git, makeForge, moveTag, redirect } from "../forge/forge.ts";
import { STAND_INS } from "../forge/trees.ts";
import { type Asked, type Fetched, faultsOf, fetchInto as fetchFrom } from "./fetching.ts";

const forge = await makeForge(folderWith({}), STAND_INS);
after(() => forge.stop());
/** A port that nobody listens on. */
const CLOSED_PORT = 9;

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

/** Vendors by git alone, which is sent to a port of this machine. */
async function fetchInto(
  app: string,
  { port, ...asked }: Partial<Asked> & { port?: number } = {},
  from: Forge = forge,
): Promise<Fetched> {
  Object.assign(process.env, redirect(port ?? from.port));
  const pins = asked.pins ?? (await readPins(from.pins));
  return fetchFrom({ app, cache: folderWith({}), origins: ["git"], submodules: true, ...asked, pins });
}

function repository(): string {
  const app = folderWith({});
  git(app, "init", "--quiet");
  return app;
}

test("every source becomes a shallow submodule at the pinned commit, with the public address", async () => {
  const app = repository();
  await fetchInto(app);
  const { sources } = await readPins(forge.pins);
  const status = git(app, "submodule", "status")
    .split("\n")
    .map((line) => line.trim().split(" ").slice(0, 2));
  assert.deepEqual(status.sort(), sources.map((pin) => [pin.commit, `vendor/${pin.name}`]).sort());
  for (const { name, url } of sources) {
    assert.equal(git(app, "config", "-f", ".gitmodules", `submodule.vendor/${name}.url`), url);
    assert.equal(git(app, "config", "-f", ".gitmodules", `submodule.vendor/${name}.shallow`), "true");
    assert.equal(git(join(app, "vendor", name), "rev-list", "--count", "HEAD"), "1");
  }
  assert.equal(readFileSync(join(app, "vendor/libbpf/src/libbpf.c"), "utf8"), "libbpf\n");
});

test("bpftool's own submodule is not fetched", async () => {
  const app = repository();
  await fetchInto(app);
  assert.ok(existsSync(join(app, "vendor/bpftool/.gitmodules")));
  assert.ok(!existsSync(join(app, "vendor/bpftool/libbpf")));
});

test("an app keeps its submodules when it is moved, and a clone of it can fetch them", async () => {
  const app = repository();
  await fetchInto(app);
  git(app, "add", "--all");
  git(app, "commit", "--quiet", "-m", "app");
  const root = folderWith({});
  renameSync(app, join(root, "moved"));
  assert.equal(git(join(root, "moved"), "status", "--porcelain"), "");
  // It must not run synchronously, because the forge answers from this very process.
  const clone = ["clone", "--quiet", "--recurse-submodules", "moved", "clone"];
  await promisify(execFile)("git", clone, { cwd: root, timeout: 60_000 });
  assert.equal(readFileSync(join(root, "clone/vendor/zlib/zlib.h"), "utf8"), "zlib\n");
});

test("without a repository the files are plain", async () => {
  const app = folderWith({});
  await fetchInto(app, { submodules: false });
  assert.ok(existsSync(join(app, "vendor/libelf/src/elf_begin.c")));
  const found = readdirSync(app, { recursive: true, encoding: "utf8" });
  assert.deepEqual(
    found.filter((path) => path.includes(".git/")),
    [],
  );
  assert.ok(!existsSync(join(app, ".gitmodules")));
});

test("the app records address, tag and commit", async () => {
  const app = repository();
  const { provenance } = await fetchInto(app);
  const { sources } = await readPins(forge.pins);
  const { name, url, tag, commit, licence } = sources[0]!;
  const version = tag.slice(1);
  assert.deepEqual(provenance.sources[name], {
    origin: "git",
    version,
    licence,
    url,
    tag,
    commit,
    tried: [],
  });
  assert.deepEqual(JSON.parse(readFileSync(join(app, "vendor/origins.json"), "utf8")), provenance);
});

test("a second app has the sources from the cache, though the forge is not reached any more", async () => {
  const cache = folderWith({});
  await fetchInto(repository(), { cache });
  const app = repository();
  const { said } = await fetchInto(app, { cache, port: CLOSED_PORT });
  assert.deepEqual(said, []);
  assert.equal(
    git(app, "config", "-f", ".gitmodules", "submodule.vendor/zlib.url"),
    "https://github.com/madler/zlib",
  );
  assert.equal(
    git(join(app, "vendor/zlib"), "remote", "get-url", "origin"),
    "https://github.com/madler/zlib",
  );
});

test("a damaged repository in the cache is noticed and fetched anew", async () => {
  const cache = folderWith({});
  await fetchInto(repository(), { cache });
  for (const path of readdirSync(join(cache, "git"), { recursive: true, encoding: "utf8" }))
    if (/objects\/.*[0-9a-f]{38}$|\.pack$/.test(path)) writeFileSync(join(cache, "git", path), "damaged");
  const faults = await faultsOf(fetchInto(repository(), { cache, port: CLOSED_PORT }));
  assert.equal(faults[0]?.kind, "unreachable");
  const app = repository();
  await fetchInto(app, { cache });
  assert.equal(readFileSync(join(app, "vendor/zlib/zlib.h"), "utf8"), "zlib\n");
});

test("a tag that was moved is refused, naming both commits", async () => {
  const evil = await makeForge(folderWith({}), STAND_INS);
  try {
    const pin = (await readPins(evil.pins)).sources[0]!;
    const found = moveTag(evil.repository("libbpf"), pin.tag);
    const app = repository();
    const faults = await faultsOf(fetchInto(app, {}, evil));
    const { url, tag, commit: pinned } = pin;
    assert.deepEqual(faults, [{ kind: "tag-moved", url, tag, pinned, found }]);
    assert.ok(!existsSync(join(app, "vendor/libbpf")));
  } finally {
    await evil.stop();
  }
});

test("a tag that is not there is named with the repository", async () => {
  const pins = await readPins(forge.pins);
  const sources = pins.sources.slice(0, 1).map((pin) => ({ ...pin, tag: "v999" }));
  const faults = await faultsOf(fetchInto(repository(), { pins: { ...pins, sources } }));
  assert.deepEqual(faults, [{ kind: "absent", what: "tag v999", place: "https://github.com/libbpf/libbpf" }]);
});

test("a forge that cannot be reached is asked once for all sources, and said once", async () => {
  const faults = await faultsOf(fetchInto(repository(), { port: CLOSED_PORT }));
  assert.deepEqual(
    faults.map(({ kind }) => kind),
    ["unreachable"],
  );
});

test("a forge that accepts and never answers is given up in seconds", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = silent.address() as AddressInfo;
    const [fault] = await faultsOf(fetchInto(repository(), { port }));
    assert.deepEqual(fault, { kind: "unreachable", place: "github.com", output: "no answer in time" });
  } finally {
    silent.close();
  }
});

test("a forge on the file system needs no leave beyond what git gives", async () => {
  const app = repository();
  const url = `file://${forge.repository("zlib")}`;
  const pins = await readPins(forge.pins);
  await fetchInto(app, {
    pins: {
      ...pins,
      sources: pins.sources.filter((pin) => pin.name === "zlib").map((pin) => ({ ...pin, url })),
    },
  });
  assert.equal(readFileSync(join(app, "vendor/zlib/zlib.h"), "utf8"), "zlib\n");
  Object.assign(process.env, { GIT_ALLOW_PROTOCOL: "https" });
  const [fault] = await faultsOf(
    fetchInto(repository(), { pins: { ...pins, sources: [{ ...pins.sources[0]!, url }] } }),
  );
  assert.equal(fault?.kind, "refused");
  assert.match(fault?.kind === "refused" ? fault.output : "", /transport 'file' not allowed/);
});

test("what git says about networks is told from what it says about repositories", () => {
  const unreachable = [
    "fatal: unable to access 'https://github.com/x/y/': Could not resolve host: github.com",
    "fatal: unable to access 'https://github.com/x/y/': Failed to connect to github.com port 443 after 2 ms: Couldn't connect to server",
    "fatal: unable to access 'https://github.com/x/y/': CONNECT tunnel failed, response 403",
    "ssh: connect to host github.com port 22: Network is unreachable",
  ];
  const reached = [
    "remote: Repository not found.\nfatal: repository 'https://github.com/x/y/' not found",
    "fatal: couldn't find remote ref refs/tags/v1",
    "fatal: Authentication failed for 'https://github.com/x/y/'",
    "fatal: unable to access 'https://github.com/x/y/': SSL certificate problem: self-signed certificate",
  ];
  assert.deepEqual(
    unreachable.map(isUnreachable),
    unreachable.map(() => true),
  );
  assert.deepEqual(
    reached.map(isUnreachable),
    reached.map(() => false),
  );
});

test("a GIT_DIR of somebody else's repository is not written to", async () => {
  const other = repository();
  const app = repository();
  process.env.GIT_DIR = join(other, ".git");
  const index = join(other, ".git", "index");
  writeFileSync(index, "");
  await fetchInto(app);
  assert.equal(readFileSync(index, "utf8"), "");
  assert.ok(existsSync(join(app, ".gitmodules")));
});
