import assert from "node:assert/strict";
import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith, MINIMAL } from "../app.ts";
import { appWithSources, bpfApp, programs } from "./run.ts";

const BUILT = {
  ".output/minimal.bpf.o": "",
  ".output/.bpf-app/host.json": "{}",
  "compile_commands.json": "[]",
  "dist/minimal": "",
};

test("clean removes what builds made, says so, and leaves all else", () => {
  const app = folderWith({ ...MINIMAL, ...BUILT, "dist/notes.txt": "mine", "other.txt": "mine" });
  const { status, stdout, stderr } = bpfApp(app, ["clean"]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  for (const path of [".output", "compile_commands.json", "dist/minimal"]) {
    assert.ok(!existsSync(join(app, path)), `${path} is gone`);
    assert.match(stdout, new RegExp(`CLEAN +${path.replace(".", "\\.")}$`, "m"));
  }
  assert.deepEqual(readdirSync(join(app, "dist")), ["notes.txt"]);
  for (const path of ["other.txt", ...Object.keys(MINIMAL)]) assert.ok(existsSync(join(app, path)), path);
});

test("clean removes dist when nothing else is in it, and has nothing to say the second time", () => {
  const app = folderWith({ ...MINIMAL, ...BUILT });
  assert.equal(bpfApp(app, ["clean"]).status, 0);
  assert.ok(!existsSync(join(app, "dist")));
  assert.deepEqual(bpfApp(app, ["clean"]), { status: 0, stdout: "", stderr: "" });
});

test("clean touches nothing where there is no app", () => {
  const folder = folderWith(BUILT);
  const { status, stderr } = bpfApp(folder, ["clean"]);
  assert.equal(status, 1);
  assert.ok(stderr.includes(folder), stderr);
  for (const path of Object.keys(BUILT)) assert.ok(existsSync(join(folder, path)), path);
});

/** An app with the programs minimal, gone and replaced, all of them built. */
function builtApp(): string {
  const app = appWithSources();
  const user = (name: string) => `import { ${name} } from "../.output/${name}.skel.ts";\n${name}.open();\n`;
  for (const name of ["gone", "replaced"]) {
    writeFileSync(join(app, `src/${name}.bpf.c`), "#include <linux/bpf.h>\n");
    writeFileSync(join(app, `src/${name}.ts`), user(name));
  }
  const { status, stderr } = bpfApp(app, ["build"], { PATH: `${programs()}:/usr/bin:/bin` });
  assert.equal(status, 0, stderr);
  return app;
}

test("clean removes what was made of programs that are gone, but nothing that was put in its place", () => {
  const app = builtApp();
  for (const name of ["gone", "replaced"])
    for (const file of [`${name}.bpf.c`, `${name}.ts`]) rmSync(join(app, "src", file));
  writeFileSync(join(app, "dist/replaced"), "#!/bin/sh\n");
  renameSync(join(app, "dist/minimal"), join(app, "dist/kept"));
  const { status, stdout, stderr } = bpfApp(app, ["clean"]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  assert.match(stdout, /CLEAN +dist\/gone$/m);
  assert.deepEqual(readdirSync(join(app, "dist")).sort(), ["kept", "replaced"]);
});

test("clean works where the sources, the configuration and package.json are broken", () => {
  const broken = {
    "package.json": "{ nope",
    "bpf-app.config.ts": "export default {",
    "src/minimal.ts": 'import "../.output/nothing.skel.ts";\n',
    "src/my-bad-name.bpf.c": "",
  };
  const app = folderWith({ ...MINIMAL, ...BUILT, ...broken });
  const { status, stderr } = bpfApp(app, ["clean"]);
  assert.deepEqual({ status, stderr }, { status: 0, stderr: "" });
  assert.ok(!existsSync(join(app, ".output")) && !existsSync(join(app, "dist")));
});

test("clean touches nothing in a package that is no app, though it has folders of these names", () => {
  const folder = folderWith({ "package.json": "{}", "src/minimal.ts": "", ...BUILT });
  assert.equal(bpfApp(folder, ["clean"]).status, 1);
  for (const path of Object.keys(BUILT)) assert.ok(existsSync(join(folder, path)), path);
});
