import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { describe, it } from "node:test";
import { folderWith, MINIMAL } from "../app.ts";
import { bpfApp, CLI } from "./run.ts";

/** Every verb, and a word of its help that no other has. */
const VERBS: Readonly<Record<string, RegExp>> = {
  build: /--timings/,
  start: /as root/,
  dev: /--once/,
  clean: /bpf-app clean/,
  inspect: /without running it/,
  doctor: /missing/,
  cache: /--max-size/,
  add: /<template>/,
  vendor: /--submodules/,
  settings: /bpf-app\.config\.ts/,
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
    });
  }
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
    ["an unknown option", ["clean", "--frobnicate"], /frobnicate/],
    ["no number of commands", ["build", "-j", "many"], /-j/],
    ["no commands at once", ["build", "-j", "0"], /-j/],
    ["an unknown form of plan", ["build", "--plan=svg"], /svg/],
    ["a size that is none", ["cache", "prune", "--max-size", "much"], /much/],
    ["an unknown verb of the cache", ["cache", "frobnicate"], /frobnicate/],
    ["no template", ["add"], /template|argument/],
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
