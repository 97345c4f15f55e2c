import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith } from "../app.ts";
import { ROOT } from "../root.ts";

// What `npm publish` would send, unpacked as npm would install it, away from the checkout.

function installPacked(): string {
  const root = folderWith({});
  execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--pack-destination", root], {
    cwd: join(ROOT, "create"),
  });
  const tarball = readdirSync(root).find((name) => name.endsWith(".tgz"))!;
  execFileSync("tar", ["-xzf", tarball], { cwd: root });
  const modules = join(root, "node_modules");
  mkdirSync(modules);
  for (const name of readdirSync(join(ROOT, "node_modules")).filter(
    (one) => !/^(?:create-)?bpf-app$/.test(one),
  ))
    symlinkSync(join(ROOT, "node_modules", name), join(modules, name));
  cpSync(join(root, "package"), join(modules, "create-bpf-app"), { recursive: true });
  return join(modules, "create-bpf-app", "dist", "main.js");
}

test("the packed create-bpf-app makes, from Debian's sources, an app that depends on the published toolchain", () => {
  const main = installPacked();
  const cwd = folderWith({});
  const args = [
    main,
    "tool",
    "--template",
    "minimal",
    "--yes",
    "--vendor",
    "pool,index",
    "--no-install",
    "--no-git",
  ];
  const said = execFileSync(process.execPath, args, { cwd, encoding: "utf8" });
  const app = join(cwd, "tool");
  const { version } = JSON.parse(readFileSync(join(ROOT, "create/package.json"), "utf8"));
  const { devDependencies } = JSON.parse(readFileSync(join(app, "package.json"), "utf8"));
  assert.equal(devDependencies["bpf-app"], version);
  for (const file of [".gitignore", ".editorconfig", "README.md", "src/minimal.bpf.c", "tsconfig.json"])
    assert.ok(existsSync(join(app, file)), file);
  const needed = [
    "libbpf/src/libbpf.c",
    "bpftool/tools/bpf/bpftool/Makefile",
    "libelf/libelf/libelfP.h",
    "zlib/zlib.h",
  ];
  for (const file of needed) assert.ok(existsSync(join(app, "vendor", file)), file);
  assert.match(said, /Vendored from Debian's pool: libbpf 1\.\d\.\d, /);
});
