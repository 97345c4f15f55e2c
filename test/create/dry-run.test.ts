import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { folderWith } from "../app.ts";
import { redirect } from "../forge/forge.ts";
import { create, identity, offline, strangers } from "./run.ts";

test("--dry-run shows every file and command, and writes nothing", async () => {
  const cwd = folderWith({});
  const run = await create(["a/tool", "-t", "hello", "--dry-run", ...offline], { cwd });
  assert.deepEqual([run.code, run.stderr], [0, ""]);
  assert.match(run.stdout, /^ {2}src\/hello\.bpf\.c$/m);
  assert.match(run.stdout, /^ {2}vendor\/: libbpf v\S+, zlib v\S+; from git$/m);
  assert.match(run.stdout, /^ {2}git submodule add https:\/\/github\.com\/libbpf\/libbpf\S* vendor\/libbpf/m);
  assert.match(run.stdout, /Nothing was written\.\n$/);
  assert.deepEqual(readdirSync(cwd), []);
});

test("the plan names the files that are made, and the line that repeats the answers makes the same", async () => {
  const cwd = folderWith({});
  const args = ["it's mine", "-t", "hello", "--pm", "pnpm", "--json", ...offline];
  const planned = JSON.parse((await create([...args, "--dry-run"], { cwd })).stdout);
  const run = await create(args, { cwd });
  const made = JSON.parse(run.stdout);
  assert.deepEqual([run.code, run.stderr, made.ok, planned.ok, planned.dryRun], [0, "", true, true, true]);
  const app = join(cwd, "it's mine");
  const files = readdirSync(app, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(app.length + 1))
    .filter((path) => !/^(?:vendor|\.git)\/|^\.gitmodules$/.test(path));
  assert.deepEqual(made.files, planned.files);
  assert.deepEqual(files.sort(), [...planned.files].sort());
  assert.equal(made.path, app);
  assert.deepEqual(
    made.vendor.map((source: { name: string; origin: string }) => [source.name, source.origin]),
    [
      ["libbpf", "git"],
      ["zlib", "git"],
    ],
  );
  assert.deepEqual(made.next, ["cd 'it'\"'\"'s mine'", "pnpm install", "pnpm build", "sudo ./dist/hello"]);
  assert.match(
    made.repeat,
    /^node \S+main\.ts 'it'"'"'s mine' --template hello --pm pnpm --vendor git --git --no-install /,
  );
  assert.equal(made.repeat, planned.repeat);
});

test("an error with --json is one object too, and stderr is empty", async () => {
  const cwd = folderWith({ "full/file": "" });
  const errors = [
    { args: ["--jsn", "--json"], kind: "usage", next: /Did you mean --json\?/ },
    { args: ["full", "--json"], kind: "target-not-empty", next: /--force/ },
    { args: ["app", "--json", "-t", "helo"], kind: "unknown-template", next: /hello/ },
  ];
  for (const { args, kind, next } of errors) {
    const run = await create(args, { cwd });
    const said = JSON.parse(run.stdout);
    assert.deepEqual([run.code, run.stderr, said.ok, said.error.kind], [1, "", false, kind]);
    assert.match(said.error.next, next);
  }
  const unreachable = await create(["app", "--json", ...offline], {
    cwd,
    env: { ...strangers(), ...redirect(9) },
  });
  assert.equal(JSON.parse(unreachable.stdout).error.kind, "sources-unavailable");
  assert.ok(!existsSync(join(cwd, "app")));
});

test("--list-templates --json has what a template.json has, and its group", async () => {
  const run = await create(["--list-templates", "--json"], { cwd: folderWith({}) });
  const { ok, templates } = JSON.parse(run.stdout);
  const hello = templates.find(({ name }: { name: string }) => name === "hello");
  assert.equal(ok, true);
  assert.deepEqual([hello.group, hello.kernel, hello.programs], ["First steps", "5.8", ["tracepoint"]]);
});

test("what is printed and written is in the words of the package manager that has started it", async () => {
  const cwd = folderWith({});
  const words = {
    npm: ["npm install", "npm run build", "npm test", "npm ci"],
    pnpm: ["pnpm install", "pnpm build", "pnpm test", "pnpm install --frozen-lockfile"],
    yarn: ["yarn install", "yarn build", "yarn test", "yarn install --frozen-lockfile"],
    bun: ["bun install", "bun run build", "bun run test", "bun install --frozen-lockfile"],
  };
  for (const [name, [install, build, test, ci]] of Object.entries(words)) {
    const env = {
      ...strangers(),
      ...identity,
      npm_config_user_agent: `${name}/9.8.7 npm/? node/v24 linux x64`,
    };
    const run = await create([name, "--yes", "--no-git", ...offline], { cwd, env });
    assert.equal(run.code, 0, run.stderr);
    assert.match(run.stdout, new RegExp(`Next:\n  cd ${name}\n  ${install}\n  ${build}\n`));
    const readme = readFileSync(join(cwd, name, "README.md"), "utf8");
    assert.match(readme, new RegExp(`^${build} +#`, "m"));
    assert.match(readme, new RegExp(`^${test} +#`, "m"));
    const workflow = readFileSync(join(cwd, name, ".github/workflows/build.yml"), "utf8");
    assert.match(workflow, new RegExp(`- run: ${ci}\n {6}- run: ${build}\n`));
    assert.equal(workflow.includes("npm install --global"), name !== "npm");
    if (name !== "npm") assert.match(workflow, /npm install --global \S+@9\n/);
    assert.doesNotMatch(readme + workflow, name === "npm" ? /pnpm|yarn|bun/ : /\bnpm (?:run|test|ci)\b/);
    assert.doesNotMatch(readme + workflow, /\{\{|undefined/);
  }
  assert.ok(existsSync(join(cwd, "pnpm/pnpm-workspace.yaml")));
  assert.ok(existsSync(join(cwd, "yarn/.yarnrc.yml")));
  const manifest = JSON.parse(readFileSync(join(cwd, "npm/package.json"), "utf8"));
  assert.deepEqual(manifest.allowScripts, { esbuild: false });
});

test("a package manager that is not there is said before anything is written", async () => {
  const cwd = folderWith({});
  const env = { ...strangers(), PATH: folderWith({}) };
  const run = await create(["app", "--pm", "pnpm", "--yes", "--no-git", "--toolchain", "0.1.0"], {
    cwd,
    env,
  });
  assert.equal(run.code, 1);
  assert.match(run.stderr, /pnpm was not found[\s\S]*npm install --global pnpm@\d+[\s\S]*--no-install/);
  assert.deepEqual(readdirSync(cwd), []);
});
