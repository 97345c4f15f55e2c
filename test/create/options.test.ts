import assert from "node:assert/strict";
import { test } from "node:test";
import { type Options, parseOptions } from "../../create/src/options.ts";
import { Failure } from "../../toolchain/src/base/failure.ts";

function options(...argv: string[]): Options {
  const parsed = parseOptions(argv, "1.2.3");
  assert.ok("options" in parsed);
  return parsed.options;
}

function problem(...argv: string[]): string {
  try {
    parseOptions(argv, "1.2.3");
  } catch (error) {
    assert.ok(error instanceof Failure);
    assert.equal(error.failure.kind, "usage");
    return (error.failure as { problem: string } & typeof error.failure).problem;
  }
  throw new assert.AssertionError({ message: `accepted ${argv.join(" ")}` });
}

test("nothing said leaves the choices open", () => {
  const { dir, template, git, install, vendor, yes } = options();
  assert.deepEqual(
    { dir, template, git, install, vendor, yes },
    {
      dir: undefined,
      template: undefined,
      git: undefined,
      install: true,
      vendor: ["git", "bundled", "pool", "index"],
      yes: false,
    },
  );
});

test("every flag arrives", () => {
  const given = options(
    "my-tool",
    "--template",
    "hello",
    "--yes",
    "--vendor=pool,index",
    "--no-git",
    "--no-install",
    "--toolchain",
    "x.tgz",
  );
  const { dir, template, git, install, vendor, yes, toolchain } = given;
  assert.deepEqual(
    { dir, template, git, install, vendor, yes, toolchain },
    {
      dir: "my-tool",
      template: "hello",
      git: false,
      install: false,
      vendor: ["pool", "index"],
      yes: true,
      toolchain: "x.tgz",
    },
  );
});

test("flags come before or after the folder, and after the -- that pnpm passes on", () => {
  assert.equal(options("--template", "hello", "my-tool").dir, "my-tool");
  const { dir, template } = options("my-tool", "--", "--template", "hello");
  assert.deepEqual([dir, template], ["my-tool", "hello"]);
});

test("a folder that looks like a number stays a text", () => {
  assert.equal(options("007").dir, "007");
});

test("what is not understood is refused", () => {
  assert.match(problem("my-tool", "--tempalte", "hello"), /tempalte/);
  assert.match(problem("my-tool", "other"), /other/);
  assert.match(problem("my-tool", "--vendor", "cvs"), /"cvs".*git,bundled,pool,index/);
  assert.match(problem("my-tool", "--template"), /template/);
  assert.match(problem("--template", "a", "--template", "b"), /twice/);
  assert.match(problem(""), /empty/);
});

test("--help and --version give a text and no options", () => {
  const help = parseOptions(["--help"], "1.2.3");
  assert.ok("text" in help);
  for (const flag of ["--template", "--vendor", "--git", "--install", "--toolchain", "--list-templates"])
    assert.ok(help.text.includes(flag), flag);
  assert.deepEqual(parseOptions(["--version"], "1.2.3"), { text: "1.2.3" });
});
