import type { Pins } from "../../vendor/pins.ts";
import { type Archive, type Contents, poolFolder } from "./archive.ts";

/** Two small packages: `thing`, a source package in two suites, and `kernel`, a source archive in a binary package. */
export const GOODS: Contents = {
  sources: [
    {
      name: "thing",
      version: "1.0",
      revision: "2",
      suites: ["trixie"],
      files: {
        "src/thing.c": "flaw\n",
        "src/deep/er.c": "deeper\n",
        "tests/test.c": "test\n",
        LICENSE: "licence\n",
        configure: "",
      },
      patches: {
        "fix.patch": `--- a/src/thing.c
+++ b/src/thing.c
@@ -1 +1 @@
-flaw
+fixed
--- a/tests/test.c
+++ b/tests/test.c
@@ -1 +1 @@
-test
+other test
`,
        "elsewhere.patch": "--- a/doc/x\n+++ b/doc/x\n@@ -1 +1 @@\n-a\n+b\n",
      },
    },
    {
      name: "thing",
      version: "0.9",
      revision: "1",
      suites: ["bookworm"],
      files: { "src/thing.c": "old\n", LICENSE: "licence\n" },
    },
  ],
  binaries: [
    {
      name: "thing-source",
      version: "6.1-1",
      suites: ["trixie", "bookworm"],
      inner: "usr/src/thing.tar.xz",
      files: {
        "tools/keep.c": "kept\n",
        "tools/drop.c": "dropped\n",
        "tools/sub/x.c": "sub\n",
        "other.c": "",
      },
    },
  ],
};

/** Pins for an archive with these goods. */
export function goodsPins(archive: Archive): Pins {
  const common = {
    url: "https://github.com/libbpf/libbpf",
    tag: "v1",
    commit: "0".repeat(40),
    licence: "MIT",
    keep: ["src"],
  };
  const orig = `${poolFolder("thing")}/thing_1.0.orig.tar.gz`;
  return {
    sources: [
      {
        ...common,
        name: "thing",
        distro: {
          keep: ["src", "LICENSE"],
          pool: [{ path: orig.replace("pool/main/", ""), version: "1.0", sha256: archive.sha256(orig) }],
          index: [{ source: "thing" }],
        },
      },
      {
        ...common,
        name: "kernel",
        distro: {
          keep: ["tools/*.c"],
          drop: ["tools/drop.c"],
          pool: [],
          index: [
            {
              package: "thing-source",
              inner: "usr/src/thing.tar.xz",
              version: "6.1",
              suites: ["trixie", "bookworm"],
            },
          ],
        },
      },
    ],
    distro: {
      name: "Debian",
      suites: ["trixie", "bookworm"],
      keyring: archive.keyring,
      keyringPackage: "some-keyring",
    },
  };
}
