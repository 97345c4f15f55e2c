import assert from "node:assert/strict";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { defaults } from "../../create/src/answers.ts";
import { parseOptions } from "../../create/src/options.ts";
import { findPlaces } from "../../create/src/places.ts";
import { makePlan, type Plan } from "../../create/src/plan.ts";
import { nextSteps } from "../../create/src/summary.ts";
import { folderWith } from "../app.ts";
import { redirect } from "../forge/forge.ts";
import { create, offline, strangers } from "./run.ts";

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
    /^node \S+main\.[jt]s 'it'"'"'s mine' --template hello --pm pnpm --vendor git --git --no-install /,
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
  const words = {
    npm: ["npm install", "npm run build", "npm test", "npm ci"],
    pnpm: ["pnpm install", "pnpm build", "pnpm test", "pnpm install --frozen-lockfile"],
    yarn: ["yarn install", "yarn build", "yarn test", "yarn install --frozen-lockfile"],
    bun: ["bun install", "bun run build", "bun run test", "bun install --frozen-lockfile"],
  };
  const before = process.env.npm_config_user_agent;
  try {
    for (const [name, [install, build, test, ci]] of Object.entries(words)) {
      process.env.npm_config_user_agent = `${name}/9.8.7 npm/? node/v24 linux x64`;
      const plan = await planOf("app");
      assert.deepEqual(nextSteps(plan, false).slice(1, 3), [install, build]);
      const text = (path: string) => plan.files.find((file) => file.path === path)?.text ?? "";
      const readme = text("README.md");
      assert.match(readme, new RegExp(`^${build} +#`, "m"));
      assert.match(readme, new RegExp(`^${test} +#`, "m"));
      const workflow = text(".github/workflows/build.yml");
      assert.match(workflow, new RegExp(`- run: ${ci}\n {6}- run: ${build}\n`));
      assert.match(workflow, name === "npm" ? /^/ : /- run: npm install --global \S+@9\n/);
      assert.doesNotMatch(
        readme + workflow,
        name === "npm" ? /\b(?:pnpm|yarn|bun)\b/ : /\bnpm (?:run|test|ci)\b/,
      );
      assert.doesNotMatch(readme + workflow, /\{\{|undefined/);
      const manifest = JSON.parse(text("package.json"));
      assert.deepEqual(manifest.allowScripts, name === "npm" ? { esbuild: false } : undefined);
      assert.equal(text("pnpm-workspace.yaml").includes("esbuild: false"), name === "pnpm");
      assert.equal(text(".yarnrc.yml").includes("nodeLinker: node-modules"), name === "yarn");
    }
  } finally {
    if (before === undefined) delete process.env.npm_config_user_agent;
    else process.env.npm_config_user_agent = before;
  }
});

/** The plan for a folder, made in this process. */
async function planOf(dir: string): Promise<Plan> {
  const parsed = parseOptions([dir, "--yes", "--no-git", ...offline]);
  assert.ok("options" in parsed);
  const { signal } = new AbortController();
  const places = findPlaces();
  const answers = await defaults(parsed.options, places.templates, signal);
  return makePlan({ ...answers, dir: join(folderWith({}), dir) }, parsed.options, places, signal);
}

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
