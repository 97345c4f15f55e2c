import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { ARCHES } from "../../toolchain/src/base/arch.ts";
import { PackageArchive } from "../../toolchain/src/guest/package-archive.ts";
import { folderWith } from "../app.ts";

const archive = folderWith({});
let server: Server;
let apt: PackageArchive;
before(async () => {
  makeArchive(archive, { thing: ["1.0", "1.1"], other: ["2.0"] });
  rmSync(join(archive, "pool/thing_1.1_amd64.deb"));
  server = createServer((request, response) => {
    const file = join(archive, decodeURIComponent(request.url ?? ""));
    if (existsSync(file)) response.end(readFileSync(file));
    else response.writeHead(404).end();
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  apt = await PackageArchive.open(
    [`deb [trusted=yes] ${uri} trixie main`, `deb ${uri} gone main`],
    ARCHES.x64,
  );
});
after(async () => {
  await apt[Symbol.asyncDispose]();
  server.close();
  server.closeAllConnections();
});

/** An archive in a folder, unsigned. */
function makeArchive(folder: string, packages: Readonly<Record<string, readonly string[]>>): void {
  const pool = join(folder, "pool");
  const lists = join(folder, "dists/trixie/main/binary-amd64");
  for (const made of [pool, lists]) mkdirSync(made, { recursive: true });
  const stanzas = Object.entries(packages).flatMap(([name, versions]) =>
    versions.map((version) => {
      const control = `Package: ${name}\nVersion: ${version}\nArchitecture: amd64\nMaintainer: Nobody <nobody@example.org>\nDescription: test\n`;
      const root = join(folder, "work", `${name}-${version}`);
      mkdirSync(join(root, "DEBIAN"), { recursive: true });
      writeFileSync(join(root, "DEBIAN/control"), control);
      const file = join(pool, `${name}_${version}_amd64.deb`);
      execFileSync("dpkg-deb", ["--root-owner-group", "--build", root, file], { stdio: "ignore" });
      return `${control}Filename: pool/${name}_${version}_amd64.deb\nSize: ${statSync(file).size}\nSHA256: ${sha256(file)}\n\n`;
    }),
  );
  const list = join(lists, "Packages");
  writeFileSync(list, stanzas.join(""));
  const entry = ` ${sha256(list)} ${statSync(list).size} main/binary-amd64/Packages\n`;
  writeFileSync(
    join(folder, "dists/trixie/Release"),
    `Suite: trixie\nCodename: trixie\nDate: ${new Date().toUTCString()}\nArchitectures: amd64\nComponents: main\nSHA256:\n${entry}`,
  );
}

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

test("a suite that is not there costs the others nothing, and is a warning", async () => {
  const found = (await apt.find("^(thing|other)$")).map(({ name, version }) => `${name} ${version}`);
  assert.deepEqual(found.sort(), ["other 2.0", "thing 1.0", "thing 1.1"]);
  assert.match(apt.warnings.join("\n"), /gone/);
});

test("packages are fetched under the hashes of their bytes", async () => {
  const into = folderWith({});
  const files = await apt.fetch(["thing=1.0", "other=2.0"], into);
  assert.deepEqual([...files.keys()], ["thing=1.0", "other=2.0"]);
  for (const { file, sha256: hash } of files.values()) assert.equal(sha256(file), hash);
});

test("a package that is listed and whose file is gone is an error with apt's reason, and nothing is kept of it", async () => {
  const into = folderWith({});
  await assert.rejects(apt.fetch(["thing=1.1"], into), /thing_1\.1_amd64\.deb.*404/);
  assert.deepEqual(readdirSync(into), []);
  assert.equal((await apt.fetch(["thing=1.0"], into)).size, 1);
});

test("a package that no list names is an error that names it", async () => {
  await assert.rejects(apt.fetch(["nothing=1"], folderWith({})), /nothing/);
});

test("two downloads at once do not disturb each other", async () => {
  const into = folderWith({});
  const specs = ["thing=1.0", "other=2.0"];
  await Promise.all(specs.map((spec) => apt.fetch([spec], into)));
  assert.equal(readdirSync(into).length, 2);
});
