// Tab completion, in shells that run the scripts for real.
import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, it } from "node:test";
import { complete } from "../../toolchain/src/cli/complete.ts";
import { folderWith, MINIMAL } from "../app.ts";
import { atTerminal } from "../terminal.ts";
import { bpfApp, CLI, PLAIN, programs } from "./run.ts";

/** An app with two programs and a bpf-app in node_modules/.bin. */
function app(): string {
  const root = folderWith({ ...MINIMAL, "src/other.bpf.c": "", "bin/bpf-app": "" });
  mkdirSync(join(root, "node_modules/.bin"), { recursive: true });
  writeFileSync(join(root, "bpf-app"), `#!/bin/sh\nexec '${process.execPath}' '${CLI}' "$@"\n`, {
    mode: 0o755,
  });
  symlinkSync("../../bpf-app", join(root, "node_modules/.bin/bpf-app"));
  return root;
}

/** What is offered for the last of these words, without the descriptions. */
async function offered(root: string, words: readonly string[]): Promise<string[]> {
  const text = await complete(words, root);
  return text
    .split("\n")
    .slice(0, -1)
    .map((line) => line.replace(/\t.*/, ""));
}

const root = app();

describe("what is offered", () => {
  it("is every verb, and what begins as the word does", async () => {
    const help = bpfApp(root, ["--help"]).stdout;
    const verbs = [...help.matchAll(/^ {2}bpf-app (\w+)/gm)].map((match) => match[1]);
    assert.deepEqual(await offered(root, [""]), [...verbs, "help"]);
    assert.deepEqual(await offered(root, []), [...verbs, "help"]);
    assert.deepEqual(await offered(root, ["bu"]), ["build"]);
    assert.deepEqual(await offered(root, ["--v"]), ["--version"]);
    assert.deepEqual(await offered(root, ["help", "bu"]), ["build"]);
  });

  it("has a description", () => {
    assert.match(bpfApp(root, ["complete", "build", "--jo"]).stdout, /^--jobs\thow many .*\n$/);
  });

  for (const [words, candidates] of [
    [
      ["build", "--j"],
      ["--jobs", "--json"],
    ],
    [["build", "-n", "m"], ["minimal"]],
    [["build", "minimal", "o"], ["other"]],
    [["build", "V=1", "CLA"], ["CLANG="]],
    [
      ["build", "V="],
      ["V=0", "V=1"],
    ],
    [["build", "VMLINUX=x"], []],
    [["build", "-j", ""], []],
    [["start", "min"], ["minimal"]],
    // The app's own words.
    [["start", "minimal", ""], []],
    [
      ["dev", "--"],
      ["--once", "--help"],
    ],
    [
      ["cache", ""],
      ["show", "prune"],
    ],
    [["add", "bootstrap_"], ["bootstrap_legacy"]],
    [["completion", "z"], ["zsh"]],
    [["clean", ""], []],
    [["frobnicate", ""], []],
  ] as const)
    it(`for ${words.join(" ")} is ${candidates.join(" ") || "nothing"}`, async () => {
      assert.deepEqual(await offered(root, words), candidates);
    });

  it("for a compiler is what PATH has", () => {
    const PATH = folderWith({ "clang-19": "", "clang-format": "", clangd: "", gcc: "" });
    const words = (setting: string) =>
      bpfApp(root, ["complete", "build", setting], { PATH }).stdout.replaceAll(/\t.*/g, "");
    assert.equal(words("CLANG="), "CLANG=clang-19\n");
    assert.equal(words("CC="), "CC=clang-19\nCC=gcc\n");
  });

  it("for programs is found from a folder below, and nothing outside of an app", async () => {
    assert.deepEqual(await offered(join(root, "src"), ["start", "m"]), ["minimal"]);
    assert.deepEqual(await offered(folderWith({}), ["start", "m"]), []);
  });
});

describe("bash", () => {
  it("completes what is typed at a prompt, behind bpf-app and npx bpf-app", async () => {
    const home = folderWith({ bashrc: `PS1='ready> '\n${bpfApp(root, ["completion", "bash"]).stdout}` });
    const keys = "bpf-app bui\tCLANG=clang-7\t&&npx bpf-app add bootstrap_\t\x01echo '\x05'\rexit\r";
    const bash = ["bash", "--noprofile", "--rcfile", join(home, "bashrc"), "-i"];
    const PATH = `${programs({ "clang-77": "true" })}:/usr/bin:/bin`;
    const typed = { after: /ready> $/, keys };
    const seen = await atTerminal(join(root, "src"), bash, { ...PLAIN, PATH, HISTFILE: "" }, typed);
    assert.match(
      seen.last.replaceAll(/\s+/g, " "),
      /bpf-app build CLANG=clang-77 && ?npx bpf-app add bootstrap_legacy/,
    );
  });

  it("takes over npx from nobody", () => {
    const script = bpfApp(folderWith({}), ["completion", "bash"]).stdout;
    const shell = `complete -W mine npx\n${script}\ncomplete -p npx bpf-app`;
    const { stdout, stderr } = spawnSync("bash", ["--norc", "-c", shell], { encoding: "utf8" });
    assert.equal(stderr, "");
    assert.equal(stdout, "complete -W 'mine' npx\ncomplete -o default -F _bpf_app bpf-app\n");
  });
});
