import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { existsSync, readdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import { after, afterEach, test } from "node:test";
import { promisify } from "node:util";
import { isUnreachable } from "../../create/src/vendor/git.ts";
import { type Pins, readPins } from "../../create/src/vendor/pins.ts";
import type { Provenance } from "../../create/src/vendor/provenance.ts";
import { type Origin, vendor } from "../../create/src/vendor/vendor.ts";
import { folderWith } from "../app.ts";
import { makeArchive } from "../forge/archive.ts";
import { type Forge, git, makeForge, moveTag, redirect } from "../forge/forge.ts";
import { STAND_INS } from "../forge/trees.ts";

const forge = await makeForge(folderWith({}), STAND_INS);
after(() => forge.stop());
const archive = makeArchive(folderWith({}));
/** A port that nobody listens on. */
const closed = 9;

const before = { ...process.env };
afterEach(() => {
  process.env = { ...before };
});

interface Asked {
  readonly origin?: Origin;
  readonly submodules?: boolean;
  readonly port?: number;
  readonly pins?: Pins;
}

/** Vendors into `app` with git sent to a port of this machine; gives what was said, too. */
async function fetchInto(
  app: string,
  asked: Asked = {},
  from: Forge = forge,
): Promise<{ provenance: Provenance; said: string[] }> {
  Object.assign(process.env, redirect(asked.port ?? from.port));
  const said: string[] = [];
  const provenance = await vendor({
    pins: asked.pins ?? (await readPins(from.pins)),
    app,
    origin: asked.origin ?? "git",
    submodules: asked.submodules ?? true,
    cache: folderWith({}),
    archives: [archive.uri],
    signal: new AbortController().signal,
    say: (line) => said.push(line),
  });
  return { provenance, said };
}

function repository(): string {
  const app = folderWith({});
  git(app, "init", "--quiet");
  return app;
}

async function failure(promise: Promise<unknown>): Promise<{ kind: string } & Record<string, unknown>> {
  const error = await promise.then(
    () => assert.fail("it worked"),
    (reason: { failure?: { kind: string } & Record<string, unknown> }) => reason,
  );
  assert.ok(error.failure, String(error));
  return error.failure;
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
  // Not synchronously: the forge answers from this very process.
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
  assert.deepEqual(provenance.sources[name], { url, tag, commit, licence });
  assert.deepEqual(JSON.parse(readFileSync(join(app, "vendor/origins.json"), "utf8")), provenance);
});

test("a tag that was moved is an error naming both commits, for git and for auto", async () => {
  const evil = await makeForge(folderWith({}), STAND_INS);
  try {
    const pin = (await readPins(evil.pins)).sources[0]!;
    const moved = moveTag(evil.repository("libbpf"), pin.tag);
    for (const origin of ["git", "auto"] as const) {
      const found = await failure(fetchInto(repository(), { origin }, evil));
      assert.deepEqual(found, {
        kind: "tag-moved",
        name: "libbpf",
        url: pin.url,
        tag: pin.tag,
        pinned: pin.commit,
        found: moved,
      });
    }
  } finally {
    await evil.stop();
  }
});

test("a tag that is not there is an error, for git and for auto", async () => {
  const pins = await readPins(forge.pins);
  const sources = pins.sources.map((pin) => ({ ...pin, tag: "v999" }));
  for (const origin of ["git", "auto"] as const) {
    const found = await failure(fetchInto(repository(), { origin, pins: { ...pins, sources } }));
    assert.deepEqual([found.kind, found.tag], ["tag-missing", "v999"]);
  }
});

test("git says that a forge cannot be reached", async () => {
  const found = await failure(fetchInto(repository(), { port: closed }));
  assert.equal(found.kind, "forge-unreachable");
  assert.equal(found.url, "https://github.com/libbpf/libbpf");
});

test("auto takes the distribution's packages where the forge refuses the connection, and says so", async () => {
  const app = repository();
  const { provenance, said } = await fetchInto(app, { origin: "auto", port: closed, pins: archive.pins });
  assert.equal(provenance.origin, "distro");
  assert.equal(said.length, 1);
  assert.match(said[0]!, /github\.com cannot be reached.*Debian's signed sources/);
  assert.equal(readFileSync(join(app, "vendor/thing/src/thing.c"), "utf8"), "fixed\n");
  assert.ok(!existsSync(join(app, ".gitmodules")));
});

test("auto does not wait for a forge that accepts and never answers", async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, "127.0.0.1", resolve));
  try {
    const { port } = silent.address() as AddressInfo;
    const { provenance, said } = await fetchInto(repository(), { origin: "auto", port, pins: archive.pins });
    assert.equal(provenance.origin, "distro");
    assert.match(said[0]!, /no answer within 5 s/);
  } finally {
    silent.close();
  }
});

test("auto takes git where the forge answers", async () => {
  const { provenance, said } = await fetchInto(repository(), { origin: "auto" });
  assert.deepEqual([provenance.origin, said], ["git", []]);
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
  const found = await failure(
    fetchInto(repository(), { pins: { ...pins, sources: [{ ...pins.sources[0]!, url }] } }),
  );
  assert.equal(found.kind, "forge-refused");
  assert.match(String(found.output), /transport 'file' not allowed/);
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
