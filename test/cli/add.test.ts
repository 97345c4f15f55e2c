import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import { addTemplate } from "../../toolchain/src/cli/add.ts";
import { folderWith } from "../app.ts";

const templates = fileURLToPath(new URL("../../templates", import.meta.url));
const failsAs = (kind: string) => (error: { failure?: { kind: string } }) => error.failure?.kind === kind;
const app = {
  "package.json": JSON.stringify({ name: "app", devDependencies: { z: "1.0.0" } }),
  "src/mine.ts": "",
};
const needy = {
  "needy/template.json": JSON.stringify({
    title: "T",
    teaches: "t",
    programs: [],
    kernel: "5.8",
    config: [],
    capabilities: [],
    devDependencies: { a: "2.0.0", z: "1.0.0" },
  }),
  "needy/src/needy.ts": "needy",
  "needy/src/sub/part.ts": "part",
};

test("another program's sources join the app's", async () => {
  const root = folderWith(app);
  const files = ["src/hello.bpf.c", "src/hello.test.ts", "src/hello.ts"];
  assert.deepEqual(await addTemplate({ app: root, template: "hello", templates }), {
    template: "hello",
    files,
    packages: [],
  });
  assert.deepEqual(readdirSync(join(root, "src")).length, files.length + 1);
  assert.equal(readFileSync(join(root, "package.json"), "utf8"), app["package.json"]);
});

test("packages it needs are merged into package.json", async () => {
  const root = folderWith(app);
  const added = await addTemplate({ app: root, template: "needy", templates: folderWith(needy) });
  assert.deepEqual(added, { template: "needy", files: ["src/needy.ts", "src/sub/part.ts"], packages: ["a"] });
  const manifest = JSON.parse(readFileSync(join(root, "package.json"), "utf8"));
  assert.deepEqual(manifest, { name: "app", devDependencies: { a: "2.0.0", z: "1.0.0" } });
});

test("a package in another version is an error, and nothing changes", async () => {
  const manifest = JSON.stringify({ dependencies: { a: "1.0.0" } });
  const root = folderWith({ "package.json": manifest, "src/mine.ts": "" });
  await assert.rejects(
    addTemplate({ app: root, template: "needy", templates: folderWith(needy) }),
    failsAs("dependency-conflict"),
  );
  assert.deepEqual(readdirSync(join(root, "src")), ["mine.ts"]);
  assert.equal(readFileSync(join(root, "package.json"), "utf8"), manifest);
});

test("no file is overwritten, not even by way of a dangling symlink", async () => {
  const root = folderWith({ ...app, "src/hello.ts": "mine" });
  await assert.rejects(addTemplate({ app: root, template: "hello", templates }), failsAs("file-exists"));
  assert.equal(readFileSync(join(root, "src/hello.ts"), "utf8"), "mine");
  assert.ok(!existsSync(join(root, "src/hello.bpf.c")));
  const linked = folderWith(app);
  symlinkSync("elsewhere", join(linked, "src/hello.bpf.c"));
  await assert.rejects(addTemplate({ app: linked, template: "hello", templates }), failsAs("file-exists"));
  assert.ok(!existsSync(join(linked, "src/elsewhere")));
});

test("a folder that is no app is refused", async () => {
  await assert.rejects(
    addTemplate({ app: folderWith({ "package.json": "{}" }), template: "hello", templates }),
    failsAs("not-an-app"),
  );
  await assert.rejects(
    addTemplate({ app: folderWith({ "src/x": "" }), template: "hello", templates }),
    failsAs("not-an-app"),
  );
});

test("an unknown template is an error", async () => {
  await assert.rejects(
    addTemplate({ app: folderWith(app), template: "helo", templates }),
    failsAs("unknown-template"),
  );
});
