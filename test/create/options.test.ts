import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { helpText } from "../../create/src/help.ts";
import { FLAGS, type Options, parseOptions } from "../../create/src/options.ts";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { ROOT } from "../root.ts";

function options(...argv: string[]): Options {
  const parsed = parseOptions(argv);
  assert.ok("options" in parsed);
  return parsed.options;
}

function problem(...argv: string[]): string {
  try {
    parseOptions(argv);
  } catch (error) {
    assert.ok(error instanceof Failure);
    assert.equal(error.failure.kind, "usage");
    const { problem, hint } = error.failure as { problem: string; hint?: string } & typeof error.failure;
    return hint === undefined ? problem : `${problem} ${hint}`;
  }
  throw new assert.AssertionError({ message: `accepted ${argv.join(" ")}` });
}

test("nothing said leaves the choices open", () => {
  assert.deepEqual(options(), {
    dir: undefined,
    template: undefined,
    yes: false,
    force: false,
    vendor: undefined,
    git: undefined,
    install: undefined,
    manager: undefined,
    toolchain: undefined,
    listTemplates: false,
    dryRun: false,
    json: false,
    pins: undefined,
  });
});

test("every flag arrives", () => {
  const line =
    "my-tool --template hello --yes --force --vendor=pool,index --no-git --no-install --pm pnpm --toolchain x.tgz --list-templates --dry-run --json --pins p.json";
  assert.deepEqual(options(...line.split(" ")), {
    dir: "my-tool",
    template: "hello",
    yes: true,
    force: true,
    vendor: ["pool", "index"],
    git: false,
    install: false,
    manager: "pnpm",
    toolchain: "x.tgz",
    listTemplates: true,
    dryRun: true,
    json: true,
    pins: "p.json",
  });
  assert.deepEqual(options("--vendor", "auto").vendor, ["git", "bundled", "pool", "index"]);
  const { template, yes, git, install } = options("-yt", "hello", "--git", "--install");
  assert.deepEqual([template, yes, git, install], ["hello", true, true, true]);
});

test("flags come before or after the folder, and after the -- that pnpm passes on", () => {
  assert.equal(options("--template", "hello", "my-tool").dir, "my-tool");
  const { dir, template } = options("my-tool", "--", "--template", "hello");
  assert.deepEqual([dir, template], ["my-tool", "hello"]);
});

test("a flag that takes no value never takes the folder for one", () => {
  const flags = FLAGS.filter(({ value, name }) => value === undefined && !/^(?:help|version)$/.test(name));
  const words = flags.flatMap(({ name, short, negatable }) => [
    `--${name}`,
    ...(negatable ? [`--no-${name}`] : []),
    ...(short ? [`-${short}`] : []),
  ]);
  assert.ok(words.length >= 10);
  for (const word of words)
    for (const dir of ["my-tool", "true", "false", "0", "no"]) {
      assert.equal(options(word, dir).dir, dir, word);
      assert.equal(options(dir, word).dir, dir, word);
    }
});

test("a folder that looks like a number stays a text", () => {
  assert.equal(options("007").dir, "007");
});

test("what is not understood is refused, with what was probably meant", () => {
  assert.match(problem("my-tool", "--tempalte", "hello"), /no option --tempalte\. Did you mean --template\?/);
  assert.match(problem("--no-instal"), /--no-instal\. Did you mean --no-install\?/);
  assert.match(problem("--dryrun"), /Did you mean --dry-run\?/);
  assert.match(problem("--frobnicate"), /no option --frobnicate\.$/);
  assert.match(problem("--frobnicate=1"), /no option --frobnicate\.$/);
  assert.match(problem("-x"), /no option -x\..*\.\/-x/);
  assert.match(problem("--no-yes"), /no option --no-yes/);
  assert.match(problem("--__proto__"), /no option --__proto__/);
  assert.match(problem("my-tool", "other"), /Two folders.*my-tool and other/);
  assert.match(problem("--vendor", "cvs"), /"cvs".*git,bundled,pool,index/);
  assert.match(problem("--vendor", "bundle"), /Did you mean bundled\?/);
  assert.match(problem("--vendor", "git,"), /no origin ""/);
  assert.match(problem("--pm", "pnmp"), /"pnmp".*npm, pnpm, yarn, bun\. Did you mean pnpm\?/);
  assert.match(problem("my-tool", "--template"), /--template needs a value/);
  assert.match(problem("--template", "--yes"), /--template needs a value/);
  assert.match(problem("--template="), /--template needs a value/);
  assert.match(problem("--template", "a", "-t", "b"), /twice/);
  assert.match(problem("--git", "--no-git"), /twice/);
  assert.match(problem("--git=false"), /--git takes no value.*--git or --no-git/);
  assert.match(problem("--yes=no"), /--yes takes no value/);
  assert.match(problem(""), /empty/);
});

test("--help and --version ask for a text, whatever else is said", () => {
  assert.deepEqual(parseOptions(["my-tool", "-h"]), { asks: "help" });
  assert.deepEqual(parseOptions(["--version", "--yes"]), { asks: "version" });
});

test("the help and the package's README name every option, and the help fits a terminal", () => {
  const readme = readFileSync(join(ROOT, "create/README.md"), "utf8");
  const help = helpText();
  for (const { name, short, negatable } of FLAGS.filter(({ hidden }) => !hidden)) {
    const long = `--${negatable ? "[no-]" : ""}${name}`;
    assert.ok(help.includes(long), long);
    assert.ok(readme.includes(long), `create/README.md lacks ${long}`);
    if (short) assert.ok(help.includes(`-${short}, ${long}`) && readme.includes(`-${short}, ${long}`), short);
  }
  assert.ok(!help.includes("--pins"));
  for (const line of help.split("\n")) assert.ok(line.length <= 100, line);
});
