// A colleague clones an app whose sources are submodules, and builds it.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith, MINIMAL } from "../app.ts";
import { ROOT } from "../root.ts";
import { bpfApp } from "./run.ts";

const SOURCES: Readonly<Record<string, string>> = {
  libbpf: "src/Makefile",
  bpftool: "src/Makefile",
  libelf: "src/libelfP.h",
  zlib: "zlib.h",
};

function git(cwd: string, ...args: string[]): void {
  const set = [
    "protocol.file.allow=always",
    "user.name=x",
    "user.email=x@localhost",
    "init.defaultBranch=main",
  ];
  // Only what the test says counts, and not how git is set up on this machine.
  const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_SYSTEM: "/dev/null" };
  execFileSync("git", [...set.flatMap((one) => ["-c", one]), ...args], { cwd, env, stdio: "pipe" });
}

function commit(folder: string): string {
  git(folder, "init", "-q");
  git(folder, "add", "-A");
  git(folder, "commit", "-qm", "x");
  return folder;
}

for (const below of ["", "apps/mine"]) {
  test(`is told the one command that is missing, for all of them at once${below && ", also below the repository's top"}`, () => {
    const app = Object.fromEntries(Object.entries(MINIMAL).map(([path, text]) => [join(below, path), text]));
    const upstream = folderWith(app);
    commit(upstream);
    for (const [name, file] of Object.entries(SOURCES))
      git(
        upstream,
        "submodule",
        "add",
        "-q",
        commit(folderWith({ [file]: "" })),
        join(below, "vendor", name),
      );
    git(upstream, "commit", "-qm", "vendor");
    const clone = join(folderWith({}), "clone");
    git(upstream, "clone", "-q", upstream, clone);
    const root = join(clone, below);
    symlinkSync(join(ROOT, "node_modules"), join(root, "node_modules"));
    const { status, stdout, stderr } = bpfApp(root, ["build"]);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /missing: vendor\/libbpf, vendor\/bpftool, vendor\/libelf, vendor\/zlib\./);
    assert.match(stderr, /^ {2}Check them out: git submodule update --init --recursive$/m);
    git(root, "submodule", "update", "-q", "--init", "--recursive");
    assert.doesNotMatch(bpfApp(root, ["doctor"]).stdout, /submodule/);
  });
}

test("is told something else where the sources are files that are missing", () => {
  const app = folderWith({ ...MINIMAL, "vendor/libbpf/src/Makefile": "", ".gitmodules": `path = "other"\n` });
  const { status, stderr } = bpfApp(app, ["build"]);
  assert.equal(status, 1);
  assert.match(stderr, /sources of \w+ are missing[\s\S]*git checkout -- vendor\//);
  assert.doesNotMatch(stderr, /submodule update/);
});
