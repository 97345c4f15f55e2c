import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { folderWith, MINIMAL } from "../app.ts";
import { bpfApp, CLI } from "./run.ts";

/** Every verb, and a word of its help that no other has. */
const VERBS: Readonly<Record<string, RegExp>> = {
  build: /--timings/,
  check: /--kernels/,
  start: /as root/,
  dev: /--once/,
  clean: /bpf-app clean/,
  inspect: /without running it/,
  verify: /byte for byte/,
  doctor: /missing/,
  cache: /--max-size/,
  add: /\[template\]/,
  vendor: /--submodules/,
  settings: /bpf-app\.config\.ts/,
  completion: /<shell>/,
};

const nowhere = () => folderWith({});

describe("help", () => {
  it("lists every verb, and no other", () => {
    const { status, stdout, stderr } = bpfApp(nowhere(), ["--help"]);
    assert.equal(stderr, "");
    assert.equal(status, 0);
    const listed = [...stdout.matchAll(/^ {2}bpf-app (\w+)/gm)].map((match) => match[1]);
    assert.deepEqual(listed.sort(), Object.keys(VERBS).sort());
    assert.ok(!stdout.includes("\x1b"), "no colours in a pipe");
  });

  for (const [verb, own] of Object.entries(VERBS)) {
    it(`of ${verb} is given outside an app too, and does nothing`, () => {
      const { status, stdout, stderr } = bpfApp(nowhere(), [verb, "--help"]);
      assert.equal(stderr, "");
      assert.equal(status, 0);
      assert.match(stdout, new RegExp(`^bpf-app ${verb}\\b`));
      assert.match(stdout, own);
      assert.match(stdout, /^Examples:\n {2}(npx bpf-app|eval)/m);
      if (verb !== "build") return;
      for (const args of [
        [verb, "-h"],
        ["help", verb],
        ["-h", verb],
      ])
        assert.equal(bpfApp(nowhere(), args).stdout, stdout, args.join(" "));
    });
  }

  it("is what -h, help and -V ask for as well", () => {
    const help = bpfApp(nowhere(), ["--help"]).stdout;
    for (const word of ["-h", "help"])
      assert.deepEqual(bpfApp(nowhere(), [word]), { status: 0, stdout: help, stderr: "" });
    const version = bpfApp(nowhere(), ["--version"]);
    assert.match(version.stdout, /^(?:from sources|\d+\.\d+\.\d+)\n$/);
    assert.deepEqual([version.status, version.stderr], [0, ""]);
    for (const args of [["-V"], ["build", "-V"]]) assert.deepEqual(bpfApp(nowhere(), args), version);
  });
});

describe("a command line with a mistake", () => {
  const complaint = (args: readonly string[], folder = nowhere()) => {
    const { status, stdout, stderr } = bpfApp(folder, args, { BPF_APP_CACHE: `${folder}/cache` });
    assert.equal(stdout, "");
    assert.equal(status, 1);
    assert.ok(stderr.startsWith("bpf-app: "), stderr);
    assert.doesNotMatch(stderr, /fault of bpf-app itself|^\s+at /m, "people are not shown a stack");
    return stderr;
  };

  it("guesses the verb that was meant, and lists all", () => {
    const said = complaint(["biuld"]);
    assert.match(said, /biuld/);
    assert.match(said, /mean build\?/);
    for (const verb of Object.keys(VERBS)) assert.ok(said.includes(verb), `${verb} is listed`);
  });

  it("guesses nothing where no verb is near", () => {
    const said = complaint(["frobnicate"]);
    assert.match(said, /frobnicate/);
    assert.doesNotMatch(said, /mean/);
  });

  it("lists the verbs where none is given", () => {
    const said = complaint([]);
    for (const verb of Object.keys(VERBS)) assert.ok(said.includes(verb), `${verb} is listed`);
  });

  for (const [what, args, named] of [
    ["an unknown option", ["clean", "--frobnicate"], /no option --frobnicate\.\n {2}See/],
    ["an option with a mistake", ["build", "--jsno"], /--jsno.*\n {2}Did you mean --json\?/],
    ["a letter that is no option", ["build", "-nx"], /no option -x/],
    ["an option that cannot be turned off", ["build", "--no-jobs"], /--no-jobs/],
    ["a property of objects", ["build", "--constructor"], /--constructor/],
    ["no number of commands", ["build", "-j", "many"], /-j takes a number, and not "many"/],
    ["a number and more", ["build", "-j4x"], /-j takes a number, and not "4x"/],
    ["a number that is missing", ["build", "--jobs"], /--jobs takes a number/],
    ["a number below 0", ["build", "-j", "-3"], /-j takes a number, and not "-3"/],
    ["no commands at once", ["build", "--jobs=0"], /at least 1/],
    ["two numbers", ["build", "-j4", "--jobs", "5"], /--jobs was given twice/],
    ["a switch with a value", ["build", "--json=maybe"], /--json takes no value, and not "maybe"/],
    ["an unknown form of plan", ["build", "--plan=svg"], /svg/],
    ["a form of plan with a mistake", ["build", "--plan=jsno"], /mean json\?/],
    ["a size that is none", ["cache", "prune", "--max-size", "3Q"], /3Q/],
    ["a size that is missing", ["cache", "prune", "--max-size"], /--max-size takes a value/],
    ["an unknown verb of the cache", ["cache", "frobnicate"], /frobnicate/],
    ["a verb of the cache with a mistake", ["cache", "prun"], /mean prune\?/],
    ["a shell that is none", ["completion", "bsh"], /mean bash\?/],
    ["no shell", ["completion"], /bash, zsh, fish/],
    ["a word too many", ["clean", "everything"], /"everything"/],
    ["two templates", ["add", "tc", "xdp"], /"xdp" is too much/],
    ["a template with a mistake", ["add", "tcc"], /mean tc\?/],
    ["an option before the verb", ["-j", "4", "build"], /npx bpf-app build -j 4\n/],
    ["an option in place of a verb", ["--vresion"], /mean --version\?/],
    ["an unknown verb to explain", ["help", "biuld"], /mean build\?/],
    ["a name that every object has", ["__proto__"], /__proto__/],
  ] as const) {
    it(`${what}: says which`, () => {
      assert.match(complaint(args, folderWith(MINIMAL)), named);
    });
  }

  it("guesses the setting that was meant", () => {
    const said = complaint(["build", "CLNAG=clang-19"], folderWith(MINIMAL));
    assert.match(said, /CLNAG/);
    assert.match(said, /CLANG/);
  });

  for (const verb of ["build", "start", "dev", "clean", "doctor"]) {
    it(`${verb} outside an app says that it is none`, () => {
      const folder = nowhere();
      assert.ok(complaint([verb], folder).includes(folder));
    });
  }
});

describe("a folder that was removed", () => {
  it("is named as the fault", () => {
    const folder = nowhere();
    const script = `cd '${folder}' && rmdir '${folder}' && exec '${process.execPath}' '${CLI}' build`;
    const { status, stderr } = spawnSync("sh", ["-c", script], { encoding: "utf8" });
    assert.equal(status, 1);
    assert.match(stderr, /folder.*does not exist any more/);
    assert.doesNotMatch(stderr, /fault of bpf-app itself/);
  });
});
