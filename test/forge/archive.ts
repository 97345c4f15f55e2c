import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Keys, makeKeys } from "./keys.ts";
import type { Handler } from "./server.ts";

/** A package archive in a folder, in the format of Debian's, signed with a key of its own. */
export interface Archive {
  /** The archive's address in a list of mirrors: `file:/…`. */
  readonly uri: string;
  readonly keyring: string;
  /** Path of a keyring that does not have the archive's key. */
  readonly otherKeyring: string;
  /** Path of a file of the archive. */
  readonly path: (name: string) => string;
  /** sha256 of a file of the archive. */
  readonly sha256: (name: string) => string;
}

type Files = Readonly<Record<string, string>>;

export interface SourcePackage {
  readonly name: string;
  /** Upstream's version and Debian's revision: `1.7.0`, `1`. */
  readonly version: string;
  readonly revision: string;
  readonly suites: readonly string[];
  /** What the .orig.tar.gz holds, below its top folder. */
  readonly files: Files;
  /** debian/patches/NAME → text, in the order of the series. */
  readonly patches?: Files;
}

export interface BinaryPackage {
  readonly name: string;
  readonly version: string;
  readonly suites: readonly string[];
  /** The source archive inside, and what it holds below its top folder. */
  readonly inner: string;
  readonly files: Files;
}

export interface Contents {
  readonly sources: readonly SourcePackage[];
  readonly binaries: readonly BinaryPackage[];
}

/** Makes an archive in `dir`. */
export function makeArchive(dir: string, { sources, binaries }: Contents): Archive {
  const entries = [
    ...sources.map((source) => ({ suites: source.suites, kind: "Sources", text: makeSource(dir, source) })),
    ...binaries.map((binary) => ({ suites: binary.suites, kind: "Packages", text: makeBinary(dir, binary) })),
  ];
  const keys = makeKeys(join(dir, "gpg"), "archive");
  const others = makeKeys(join(dir, "gpg-other"), "other");
  for (const suite of new Set(entries.flatMap((entry) => entry.suites))) {
    const index = (kind: string) =>
      entries
        .filter((entry) => entry.kind === kind && entry.suites.includes(suite))
        .map((entry) => `${entry.text}\n`)
        .join("");
    writeSuite(
      join(dir, "dists", suite),
      suite,
      { sources: index("Sources"), packages: index("Packages") },
      keys,
    );
  }
  return {
    uri: `file:${dir}`,
    keyring: keys.keyring,
    otherKeyring: others.keyring,
    path: (name) => join(dir, name),
    sha256: (name) => digest(join(dir, name), "sha256"),
  };
}

/** `pool/main/libb/libbpf`, as Debian sorts its packages. */
export function poolFolder(name: string): string {
  return `pool/main/${name.startsWith("lib") ? name.slice(0, 4) : name[0]}/${name}`;
}

/** @returns the stanza of the index. */
function makeSource(dir: string, source: SourcePackage): string {
  const { name, version, revision, files, patches = {} } = source;
  const work = join(dir, "work", `${name}-${version}`);
  const pool = join(dir, poolFolder(name));
  mkdirSync(pool, { recursive: true });
  writeFiles(join(work, `${name}-${version}`), files);
  tar(work, join(pool, `${name}_${version}.orig.tar.gz`), `${name}-${version}`);
  const series = Object.keys(patches).map((patch) => `${patch}\n`);
  writeFiles(join(work, "debian", "patches"), { series: `# order matters\n${series.join("")}`, ...patches });
  const full = `${version}-${revision}`;
  tar(work, join(pool, `${name}_${full}.debian.tar.xz`), "debian");
  const own = new RegExp(`^${name}_${version}(?:-${revision})?\\.`);
  const lists = (pattern: RegExp) =>
    `Files:\n${listFiles(pool, pattern, "md5")}Checksums-Sha256:\n${listFiles(pool, pattern, "sha256")}`;
  const head = `Format: 3.0 (quilt)\nSource: ${name}\nVersion: ${full}\n`;
  writeFileSync(join(pool, `${name}_${full}.dsc`), `${head}${lists(own)}`);
  return `Package: ${name}
Binary: ${name}
Version: ${full}
Maintainer: Nobody <nobody@example.org>
Architecture: any
Format: 3.0 (quilt)
Directory: ${poolFolder(name)}
${lists(own)}`;
}

/** @returns the stanza of the index. */
function makeBinary(dir: string, { name, version, inner, files }: BinaryPackage): string {
  const work = join(dir, "work", `${name}_${version}`);
  const root = join(work, "root");
  const pool = poolFolder(name);
  mkdirSync(join(dir, pool), { recursive: true });
  writeFiles(join(work, name), files);
  mkdirSync(dirname(join(root, inner)), { recursive: true });
  tar(work, join(root, inner), name);
  const control = `Package: ${name}
Version: ${version}
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: test
`;
  writeFiles(join(root, "DEBIAN"), { control });
  const deb = `${pool}/${name}_${version}_all.deb`;
  execFileSync("dpkg-deb", ["--root-owner-group", "--build", root, join(dir, deb)], { stdio: "ignore" });
  return `${control}Filename: ${deb}
Size: ${statSync(join(dir, deb)).size}
SHA256: ${digest(join(dir, deb), "sha256")}
`;
}

function writeSuite(
  dists: string,
  suite: string,
  index: { readonly sources: string; readonly packages: string },
  keys: Keys,
): void {
  writeText(join(dists, "main", "source", "Sources"), index.sources);
  for (const arch of ["amd64", "arm64"])
    writeText(join(dists, "main", `binary-${arch}`, "Packages"), index.packages);
  const files = readdirSync(dists, { recursive: true, encoding: "utf8" }).filter((name) =>
    /(?:Sources|Packages)$/.test(name),
  );
  const lines = files.map(
    (name) => ` ${digest(join(dists, name), "sha256")} ${statSync(join(dists, name)).size} ${name}\n`,
  );
  writeText(
    join(dists, "Release"),
    `Origin: Test
Suite: ${suite}
Codename: ${suite}
Date: ${new Date().toUTCString()}
Architectures: amd64 arm64
Components: main
SHA256:
${lines.join("")}`,
  );
  keys.sign(join(dists, "Release"), join(dists, "InRelease"));
}

function listFiles(folder: string, pattern: RegExp, algorithm: string): string {
  const names = readdirSync(folder).filter((name) => pattern.test(name));
  return names
    .map((name) => ` ${digest(join(folder, name), algorithm)} ${statSync(join(folder, name)).size} ${name}\n`)
    .join("");
}

function digest(path: string, algorithm: string): string {
  return createHash(algorithm).update(readFileSync(path)).digest("hex");
}

function writeFiles(root: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) writeText(join(root, path), text);
}

function writeText(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

function tar(cwd: string, archive: string, folder: string): void {
  execFileSync("tar", ["-caf", archive, "--owner=0", "--group=0", folder], { cwd });
}

/** Answers for the files below a folder, as a mirror does. */
export function mirrorOf(folder: string): Handler {
  return async (_, path) => {
    try {
      return { status: 200, headers: {}, body: readFileSync(join(folder, path)) };
    } catch {
      return { status: 404, headers: {}, body: Buffer.alloc(0) };
    }
  };
}
