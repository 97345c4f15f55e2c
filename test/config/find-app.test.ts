import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { findApp, isApp } from "../../toolchain/src/config/find-app.ts";
import { folderWith, MINIMAL } from "../app.ts";

test("an app is a package with a kernel side, a configuration, or bpf-app among its packages", () => {
  for (const files of [
    MINIMAL,
    { "package.json": "{}", "bpf-app.config.ts": "" },
    { "package.json": `{ "devDependencies": { "bpf-app": "0.1.0" } }` },
    // It is being edited.
    { "package.json": "{ nope", "src/minimal.bpf.c": "" },
  ])
    assert.ok(isApp(folderWith(files as Record<string, string>)), JSON.stringify(files));
  for (const files of [
    {},
    { "src/minimal.bpf.c": "" },
    { "package.json": "{}", "src/main.ts": "", ".output/x": "", "dist/x": "" },
  ])
    assert.ok(!isApp(folderWith(files as Record<string, string>)), JSON.stringify(files));
});

test("an app is found from its own folder and from all below it", () => {
  const app = folderWith({ ...MINIMAL, "src/deep/er/x.ts": "" });
  for (const place of [".", "src", "src/deep/er"]) assert.equal(findApp(join(app, place)), app, place);
});

test("a package that is no app ends the search, inside of an app as well as above", () => {
  const app = folderWith({ ...MINIMAL, "tools/package.json": "{}", "tools/bin/x": "" });
  assert.equal(findApp(join(app, "tools/bin")), undefined);
  const plain = folderWith({ "package.json": "{}", "some/where/x": "" });
  assert.equal(findApp(join(plain, "some/where")), undefined);
});

test("the inner one of two apps is meant", () => {
  const inner = Object.entries(MINIMAL).map(([path, text]) => [`packages/inner/${path}`, text]);
  const app = folderWith({ ...MINIMAL, ...Object.fromEntries(inner) });
  assert.equal(findApp(join(app, "packages/inner/src")), join(app, "packages/inner"));
  assert.equal(findApp(join(app, "packages")), app);
});

test("an app is not looked for beyond the top of a file system", () => {
  const app = folderWith(MINIMAL);
  mkdirSync(join(app, "mounted"));
  const module = new URL("../../toolchain/src/config/find-app.ts", import.meta.url).href;
  const script = `import { findApp } from "${module}"; console.log(findApp(process.argv[1]));`;
  const shell = `mount -t tmpfs tmpfs "$1/mounted" && mkdir "$1/mounted/in" && exec "$2" --input-type=module -e "$3" "$1/mounted/in"`;
  // Who is not root may mount in a user namespace.
  const args = [
    process.getuid?.() === 0 ? "-m" : "-rm",
    "sh",
    "-c",
    shell,
    "sh",
    app,
    process.execPath,
    script,
  ];
  const { stdout, stderr } = spawnSync("unshare", args, { encoding: "utf8" });
  assert.equal(stdout, "undefined\n", stderr);
});
