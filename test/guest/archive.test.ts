import assert from "node:assert/strict";
import { test } from "node:test";
import { folderWith } from "../app.ts";
import { archiveOf } from "../../toolchain/src/guest/archive.ts";

const MAIN = "Types: deb\nURIs: https://mirror.example/pub/debian/\nSuites: bookworm\nComponents: main\n";

test("a suite comes from the archive that this machine's own apt uses for its kind", async () => {
  const etc = folderWith({
    "sources.list": "deb [arch=amd64] http://sec.example/debian-security bookworm-security main\n",
    "sources.list.d/debian.sources": MAIN,
  });
  assert.equal(await archiveOf("trixie-backports", etc), "https://mirror.example/pub/debian");
  assert.equal(await archiveOf("trixie-security", etc), "http://sec.example/debian-security");
});

test("the archive of security updates lies beside the main one, where apt is told of none", async () => {
  const etc = folderWith({ "sources.list.d/debian.sources": MAIN });
  assert.equal(await archiveOf("bookworm-security", etc), "https://mirror.example/pub/debian-security");
});

test("a machine whose apt knows no mirror of Debian is an error that says so", async () => {
  const etc = folderWith({ "sources.list": "deb https://packages.example/node nodistro main\n" });
  await assert.rejects(archiveOf("bookworm", etc), /no archive of Debian/);
});
