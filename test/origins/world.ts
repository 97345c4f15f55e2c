import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { after } from "node:test";
import { hashBytes } from "../../toolchain/src/base/hash.ts";
import { packSources } from "../../vendor/pack.ts";
import type { Pins } from "../../vendor/pins.ts";
import { folderWith } from "../app.ts";
import { type Archive, makeArchive, mirrorOf, poolFolder, type SourcePackage } from "../forge/archive.ts";
import { makeForge } from "../forge/forge.ts";
import { repositories } from "../forge/repositories.ts";
import { type Server, type ServerFault, serve } from "../forge/server.ts";
import { STAND_INS } from "../forge/trees.ts";
import { type Fetched, fetchInto } from "../vendor/fetching.ts";

// No proxy of this machine stands between the tests and their servers.
process.env.no_proxy = process.env.NO_PROXY = "127.0.0.1";

/** Stand-ins for the four sources, to be had from all four origins, each of which can be broken. */
export interface World {
  /** Serves the forge and the mirror, each with what is wrong with it, and gives the pins that lead there. */
  readonly open: (forge?: Faulty, mirror?: Faulty, root?: string) => Promise<OpenWorld>;
  /** Folder of the forge's repositories, of which a test may serve a copy instead. */
  readonly root: string;
  /** Folder of the sources as the published package carries them. */
  readonly bundle: string;
  readonly archive: Archive;
}

/** These cases spend most of their time waiting, so they run side by side. */
export const BESIDE = { concurrency: 6 };

/** The time in which each case has to end: no newcomer would wait longer. */
export const PATIENCE = { timeout: 60_000 };

export interface Case {
  readonly forge?: Faulty;
  readonly mirror?: Faulty;
  /** Whether the scaffolder carries sources: the published one does, one in a checkout does not. */
  readonly bundle?: boolean;
}

/** Vendors into a new app, which has to come out whole, and says which origin each source was taken from. */
export async function scaffold(
  world: World,
  { forge, mirror, bundle }: Case,
): Promise<Fetched & { took: Record<string, string> }> {
  await using open = await world.open(forge, mirror);
  const app = folderWith({});
  const fetched = await fetchInto({
    pins: open.pins,
    app,
    cache: folderWith({}),
    mirrors: [open.mirror.url],
    bundle: bundle ? world.bundle : undefined,
  });
  const took = Object.entries(fetched.provenance.sources).map(([name, { origin }]) => [name, origin]);
  const whole = ["bpftool", "libbpf", "libelf", "origins.json", "zlib"];
  assert.deepEqual(readdirSync(join(app, "vendor")).sort(), whole);
  return { ...fetched, took: Object.fromEntries(took) };
}

export type Faulty = (path: string) => ServerFault | undefined;

export interface OpenWorld extends AsyncDisposable {
  readonly pins: Pins;
  readonly forge: Server;
  readonly mirror: Server;
}

export const everything =
  (fault: ServerFault): Faulty =>
  () =>
    fault;

const SUITES = ["trixie", "bookworm"];

/** A text of 200 KB that cannot be compressed: so much that a slow server is found out before it has sent all. */
const BULK = Array.from({ length: 3200 }, (_, at) => hashBytes(`${at}`)).join("\n");

/** Each suite has versions of its own, and within a suite all sources go together. */
const source = (name: string, versions: readonly string[], path: string, text: string): SourcePackage[] =>
  versions.map((version, at) => ({
    name,
    version,
    revision: "1",
    suites: [SUITES[at]!],
    files: { [path]: text, bulk: BULK },
  }));

const VERSIONS = { libbpf: ["1.7.0", "1.7.1"], elfutils: ["0.192", "0.188"], zlib: ["1.3.1", "1.2.13"] };

export async function makeWorld(): Promise<World> {
  const bulky = Object.entries(STAND_INS).map(([name, files]) => [
    name,
    { ...(files as object), bulk: BULK },
  ]);
  const forge = await makeForge(folderWith({}), Object.fromEntries(bulky));
  after(() => forge.stop());
  const dir = folderWith({});
  const inner = "usr/src/linux-source.tar.xz";
  const kernel = { inner, files: { "tools/bpf/bpftool/Makefile": "all:\n", bulk: BULK } };
  const archive = makeArchive(dir, {
    sources: [
      ...source("libbpf", VERSIONS.libbpf, "src/libbpf.c", "libbpf\n"),
      ...source("elfutils", VERSIONS.elfutils, "libelf/elf_begin.c", "libelf\n"),
      ...source("zlib", VERSIONS.zlib, "zlib.h", "zlib\n"),
    ],
    binaries: [
      { ...kernel, name: "linux-source-a", version: "6.12-1", suites: ["trixie"] },
      { ...kernel, name: "linux-source-b", version: "6.1-1", suites: ["bookworm"] },
    ],
  });
  const pins = withDistro(JSON.parse(readFileSync(forge.pins, "utf8")) as Pins, archive, inner);
  const bundle = join(folderWith({}), "sources");
  const plain = await serve(repositories(forge.root));
  await packSources({ pins: at(pins, plain), folder: bundle, cache: folderWith({}), say: () => {} });
  await plain.stop();
  return {
    bundle,
    archive,
    root: forge.root,
    open: async (forgeFault, mirrorFault, root = forge.root) => {
      const [one, two] = await Promise.all([
        serve(repositories(root), forgeFault),
        serve(mirrorOf(dir), mirrorFault),
      ]);
      const close = () => Promise.all([one.stop(), two.stop()]).then(() => {});
      return { pins: at(pins, one), forge: one, mirror: two, [Symbol.asyncDispose]: close };
    },
  };
}

/** The pins with the addresses of a server in place of the forge's. */
function at(pins: Pins, { url }: Server): Pins {
  const sources = pins.sources.map((pin) => ({ ...pin, url: `${url}${new URL(pin.url).pathname}` }));
  return { ...pins, sources };
}

function withDistro(pins: Pins, archive: Archive, inner: string): Pins {
  const entry = (name: string, suite: string) => ({ package: name, inner, version: "7.7", suites: [suite] });
  const files = (name: keyof typeof VERSIONS) =>
    VERSIONS[name].map((version) => {
      const path = `${poolFolder(name)}/${name}_${version}.orig.tar.gz`;
      return { path: path.replace("pool/main/", ""), version, sha256: archive.sha256(path) };
    });
  const distros = {
    libbpf: { keep: ["*"], pool: files("libbpf"), index: [{ source: "libbpf" }] },
    bpftool: {
      keep: ["*"],
      pool: [],
      index: [entry("linux-source-a", "trixie"), entry("linux-source-b", "bookworm")],
    },
    libelf: { keep: ["*"], pool: files("elfutils"), index: [{ source: "elfutils" }] },
    zlib: { keep: ["*"], pool: files("zlib"), index: [{ source: "zlib" }] },
  };
  return {
    sources: pins.sources.map((pin) => ({
      ...pin,
      keep: ["*"],
      distro: distros[pin.name as keyof typeof distros],
    })),
    distro: { ...pins.distro, suites: SUITES, keyring: archive.keyring },
  };
}
