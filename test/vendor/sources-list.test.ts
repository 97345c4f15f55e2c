import assert from "node:assert/strict";
import { test } from "node:test";
import { findMirrors } from "../../vendor/archive/sources-list.ts";
import { folderWith } from "../app.ts";

function machine(): string {
  return folderWith({
    "sources.list": `
# deb http://commented.example/debian trixie main
deb [arch=amd64 signed-by=/k.gpg] http://one.example/debian/ bookworm main contrib
deb-src http://one.example/debian bookworm main
deb http://security.debian.org/debian-security bookworm-security main
deb http://ubuntu.example/ubuntu noble main
deb http://third.example/deb stable contrib
`,
    "sources.list.d/debian.sources": `Types: deb deb-src
# a comment
URIs: mirror+file:///etc/apt/mirrors/debian.list
  https://two.example/debian
Suites: trixie trixie-updates
Components: main

Types: deb
URIs: http://off.example/debian
Suites: trixie
Components: main
Enabled: no

Types: deb
URIs: http://nodistro.example/x
Suites: nodistro
Components: main
`,
    "sources.list.d/security.sources": `Types: deb
URIs: http://two.example/debian-security/
Suites: trixie-security
Components: main
`,
    "sources.list.d/ignored.save": "deb http://saved.example/debian trixie main\n",
  });
}

test("Debian's mirrors are found in both formats, in order and once", async () => {
  assert.deepEqual(await findMirrors(machine()), [
    "http://one.example/debian",
    "mirror+file:///etc/apt/mirrors/debian.list",
    "https://two.example/debian",
  ]);
});

test("archives of security updates are found apart from the mirrors", async () => {
  assert.deepEqual(await findMirrors(machine(), "security"), [
    "http://security.debian.org/debian-security",
    "http://two.example/debian-security",
  ]);
});

test("a machine without apt has none", async () => {
  assert.deepEqual(await findMirrors("/nonexistent/apt"), []);
  assert.deepEqual(await findMirrors("/nonexistent/apt", "security"), []);
});
