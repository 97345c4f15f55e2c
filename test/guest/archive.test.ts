import assert from "node:assert/strict";
import { test } from "node:test";
import { archiveOf } from "../../toolchain/src/guest/archive.ts";
import { folderWith } from "../app.ts";

const MAIN = "Types: deb\nURIs: https://mirror.example/pub/debian/\nSuites: bookworm\nComponents: main\n";

test("a suite comes from the archive that this machine's own apt uses for its kind", async () => {
  const etc = folderWith({
    "sources.list": "deb [arch=amd64] http://sec.example/debian-security bookworm-security main\n",
    "sources.list.d/debian.sources": MAIN,
  });
  assert.equal(await archiveOf("trixie-backports", etc, {}), "https://mirror.example/pub/debian");
  assert.equal(await archiveOf("trixie-security", etc, {}), "http://sec.example/debian-security");
});

test("the archive of security updates lies beside the main one, where apt is told of none", async () => {
  const etc = folderWith({ "sources.list.d/debian.sources": MAIN });
  assert.equal(await archiveOf("bookworm-security", etc, {}), "https://mirror.example/pub/debian-security");
});

test("a mirror that the environment names goes before apt's", async () => {
  const etc = folderWith({ "sources.list.d/debian.sources": MAIN });
  const env = { BPF_APP_DEBIAN_MIRROR: "http://other.example/debian/" };
  assert.equal(await archiveOf("bookworm", etc, env), "http://other.example/debian");
  assert.equal(await archiveOf("bookworm-security", etc, env), "http://other.example/debian-security");
});

test("a machine whose apt knows no mirror of Debian is a failure that says so", async () => {
  const etc = folderWith({ "sources.list": "deb https://packages.example/node nodistro main\n" });
  await assert.rejects(archiveOf("bookworm", etc, {}), {
    failure: { kind: "no-mirror", variable: "BPF_APP_DEBIAN_MIRROR" },
  });
});
