import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Pins } from "../../create/src/vendor/pins.ts";

/** A package archive in a folder, in the format of Debian's, signed with a key of its own. */
export interface Archive {
  /** For a list of archives: `file:/…`. */
  readonly uri: string;
  readonly pins: Pins;
  /** Path of a keyring that does not have the archive's key. */
  readonly otherKeyring: string;
  /** Path of a file of the archive. */
  readonly path: (name: string) => string;
}

const suite = "trixie";

/**
 * Makes an archive in `dir` with the source package `thing` 1.0-2, whose patch changes `src/thing.c`, and the binary
 * package `thing-source`, which holds a source archive as linux-source does.
 */
export function makeArchive(dir: string): Archive {
  const pool = join(dir, "pool");
  mkdirSync(pool, { recursive: true });
  makeSourcePackage(dir, pool);
  makeBinaryPackage(dir, pool);
  const keys = makeKey(join(dir, "gpg"), "archive");
  const others = makeKey(join(dir, "gpg-other"), "other");
  const dists = join(dir, "dists", suite);
  writeIndex(join(dists, "main", "source", "Sources"), describeSource(pool));
  for (const arch of ["amd64", "arm64"])
    writeIndex(join(dists, "main", `binary-${arch}`, "Packages"), describeBinary(pool));
  writeIndex(join(dists, "Release"), describeRelease(dists));
  keys.sign(join(dists, "Release"), join(dists, "InRelease"));
  return {
    uri: `file:${dir}`,
    pins: pinsFor(keys.keyring),
    otherKeyring: others.keyring,
    path: (name) => join(dir, name),
  };
}

function pinsFor(keyring: string): Pins {
  const common = {
    url: "https://github.com/libbpf/libbpf",
    tag: "v1",
    commit: "0".repeat(40),
    licence: "MIT",
  };
  return {
    sources: [
      { ...common, name: "thing", distro: { source: "thing", keep: ["src", "LICENSE"] } },
      {
        ...common,
        name: "kernel",
        distro: {
          package: "thing-source",
          inner: "usr/src/thing.tar.xz",
          keep: ["tools/*.c"],
          drop: ["tools/drop.c"],
        },
      },
    ],
    distro: {
      name: "Debian",
      suite,
      keyring,
      keyringPackage: "some-keyring",
    },
  };
}

const patch = `--- a/src/thing.c
+++ b/src/thing.c
@@ -1 +1 @@
-flaw
+fixed
--- a/tests/test.c
+++ b/tests/test.c
@@ -1 +1 @@
-test
+other test
`;

function makeSourcePackage(dir: string, pool: string): void {
  const work = join(dir, "work");
  const files = {
    "src/thing.c": "flaw\n",
    "src/deep/er.c": "deeper\n",
    "tests/test.c": "test\n",
    LICENSE: "licence\n",
    configure: "",
  };
  writeFiles(join(work, "thing-1.0"), files);
  tar(work, join(pool, "thing_1.0.orig.tar.gz"), "thing-1.0");
  const patches = {
    "debian/patches/series": "# order matters\nfix.patch\nelsewhere.patch\n",
    "debian/patches/fix.patch": patch,
  };
  const elsewhere = { "debian/patches/elsewhere.patch": "--- a/doc/x\n+++ b/doc/x\n@@ -1 +1 @@\n-a\n+b\n" };
  writeFiles(join(work), { ...patches, ...elsewhere });
  tar(work, join(pool, "thing_1.0-2.debian.tar.xz"), "debian");
  const dsc = `Format: 3.0 (quilt)\nSource: thing\nVersion: 1.0-2\nFiles:\n${listFiles(pool, /tar/, "md5")}Checksums-Sha256:\n${listFiles(pool, /tar/, "sha256")}`;
  writeFileSync(join(pool, "thing_1.0-2.dsc"), dsc);
}

function makeBinaryPackage(dir: string, pool: string): void {
  const work = join(dir, "binary");
  writeFiles(join(work, "thing"), {
    "tools/keep.c": "kept\n",
    "tools/drop.c": "dropped\n",
    "tools/sub/x.c": "sub\n",
    "other.c": "",
  });
  mkdirSync(join(work, "root", "usr", "src"), { recursive: true });
  tar(work, join(work, "root", "usr", "src", "thing.tar.xz"), "thing");
  const control =
    "Package: thing-source\nVersion: 6.1-1\nArchitecture: all\nMaintainer: Nobody <nobody@example.org>\nDescription: test\n";
  writeFiles(join(work, "root", "DEBIAN"), { control });
  execFileSync(
    "dpkg-deb",
    ["--root-owner-group", "--build", join(work, "root"), join(pool, "thing-source_6.1-1_all.deb")],
    { stdio: "ignore" },
  );
}

function describeSource(pool: string): string {
  return `Package: thing
Binary: thing
Version: 1.0-2
Maintainer: Nobody <nobody@example.org>
Architecture: any
Format: 3.0 (quilt)
Directory: pool
Files:
${listFiles(pool, /^thing_/, "md5")}Checksums-Sha256:
${listFiles(pool, /^thing_/, "sha256")}
`;
}

function describeBinary(pool: string): string {
  const name = "thing-source_6.1-1_all.deb";
  const path = join(pool, name);
  return `Package: thing-source
Version: 6.1-1
Architecture: all
Maintainer: Nobody <nobody@example.org>
Description: test
Filename: pool/${name}
Size: ${statSync(path).size}
SHA256: ${digest(path, "sha256")}

`;
}

function describeRelease(dists: string): string {
  const files = readdirSync(dists, { recursive: true, encoding: "utf8" }).filter((name) =>
    /(?:Sources|Packages)$/.test(name),
  );
  const lines = files.map(
    (name) => ` ${digest(join(dists, name), "sha256")} ${statSync(join(dists, name)).size} ${name}\n`,
  );
  const date = new Date().toUTCString();
  return `Origin: Test\nSuite: ${suite}\nCodename: ${suite}\nDate: ${date}\nArchitectures: amd64 arm64\nComponents: main\nSHA256:\n${lines.join("")}`;
}

function makeKey(home: string, name: string): { keyring: string; sign: (from: string, to: string) => void } {
  mkdirSync(home, { mode: 0o700 });
  const gpg = (...args: string[]) =>
    execFileSync(
      "gpg",
      ["--homedir", home, "--batch", "--yes", "--pinentry-mode", "loopback", "--passphrase", "", ...args],
      { stdio: ["ignore", "pipe", "ignore"] },
    );
  gpg("--quick-gen-key", name, "rsa2048", "sign", "never");
  const keyring = `${home}.gpg`;
  gpg("--output", keyring, "--export");
  const stop = () => execFileSync("gpgconf", ["--homedir", home, "--kill", "gpg-agent"]);
  stop();
  return {
    keyring,
    sign: (from, to) => {
      gpg("--output", to, "--clearsign", from);
      stop();
    },
  };
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

function writeFiles(root: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) writeIndex(join(root, path), text);
}

function writeIndex(path: string, text: string): void {
  mkdirSync(join(path, ".."), { recursive: true });
  writeFileSync(path, text);
}

function tar(cwd: string, archive: string, folder: string): void {
  execFileSync("tar", ["-caf", archive, "--owner=0", "--group=0", folder], { cwd });
}
