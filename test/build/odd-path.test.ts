// An app in a folder whose name has what shells, make and URLs give a meaning of their own.
import assert from "node:assert/strict";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { App, hash, type Ran, run, runUntil } from "./app.ts";

const NAME = 'it\'s my $app ~ #1: 100% (x) [é] "q" & ;';
const PRODUCTS = ["libelf.a", "libz.a", "libbpf.a", "bpftool/bootstrap/bpftool", "addon/module.o"].map(
  (file) => `.output/${file}`,
);

describe(`an app in a folder named ${NAME}`, () => {
  let app: App;
  const plain: Record<string, string> = {};
  /** Without npm, which cannot put the app's programs in PATH where the app's path has a colon. */
  const bpfApp = (...args: string[]): Ran =>
    run(app.dir, ["node_modules/.bin/bpf-app", ...args], { BPF_APP_CACHE: "off" });

  before(() => {
    const first = App.make("minimal");
    const built = first.build([], { BPF_APP_CACHE: "off" });
    assert.equal(built.status, 0, built.stderr);
    for (const file of [...PRODUCTS, "dist/minimal"]) plain[file] = hash(first.path(file));
    for (const folder of [".output", "dist"]) rmSync(first.path(folder), { recursive: true });
    const odd = join(dirname(first.dir), NAME);
    renameSync(first.dir, odd);
    app = new App(odd);
  });

  it("is built, with the same bytes as anywhere else", () => {
    const built = bpfApp("build");
    assert.equal(built.status, 0, built.stdout + built.stderr);
    for (const [file, bytes] of Object.entries(plain)) assert.equal(hash(app.path(file)), bytes, file);
  });

  it("has nothing to do the second time, and sees an edit of a header whose name has such signs", () => {
    const stale = () => {
      const { stdout } = bpfApp("build", "-n");
      return stdout.split("\n").filter((line) => line !== "" && !line.includes("is up to date"));
    };
    assert.deepEqual(stale(), []);
    const source = readFileSync(app.path("src/minimal.bpf.c"), "utf8");
    const header = "my $header #1.h";
    writeFileSync(app.path(`src/${header}`), "#define HEADER 1\n");
    writeFileSync(app.path("src/minimal.bpf.c"), `#include "${header}"\n${source}`);
    const built = bpfApp("build");
    assert.equal(built.status, 0, built.stdout + built.stderr);
    assert.deepEqual(stale(), []);
    writeFileSync(app.path(`src/${header}`), "#define HEADER 2\n");
    assert.ok(
      stale().some((line) => line.includes(`reads src/${header}, which has changed`)),
      stale().join("\n"),
    );
    writeFileSync(app.path("src/minimal.bpf.c"), source);
    rmSync(app.path(`src/${header}`));
    assert.equal(bpfApp("build").status, 0);
  });

  it("gives editors commands that work there", () => {
    const entries = JSON.parse(readFileSync(app.path("compile_commands.json"), "utf8")) as {
      directory: string;
      file: string;
      arguments: string[];
    }[];
    const entry = entries.find(({ file }) => file === "src/minimal.bpf.c");
    assert.equal(entry?.directory, app.dir);
    const checked = run(app.dir, [...(entry?.arguments ?? []), "-fsyntax-only"]);
    assert.equal(checked.status, 0, checked.stderr);
  });

  it("runs from its sources in dev", () => {
    const source = readFileSync(app.path("src/minimal.ts"));
    writeFileSync(
      app.path("src/minimal.ts"),
      `import { minimal } from "../.output/minimal.skel.ts";\nusing skel = minimal.open();\nconsole.log("opened", Object.keys(skel.progs).length);\n`,
    );
    const ran = bpfApp("dev", "--once");
    writeFileSync(app.path("src/minimal.ts"), source);
    assert.equal(ran.status, 0, ran.stderr);
    assert.match(ran.stdout, /^opened 1$/m);
  });

  it("is built the same by the commands that V=1 prints", () => {
    for (const folder of [".output", "dist"]) rmSync(app.path(folder), { recursive: true });
    const printed = bpfApp("build", "V=1");
    assert.equal(printed.status, 0, printed.stderr);
    for (const folder of [".output", "dist"]) rmSync(app.path(folder), { recursive: true });
    const commands = printed.stdout
      .split("\n")
      .filter((line) => /^(mkdir|[A-Z]+=|\/|\.output\/|node_modules\/)/.test(line));
    writeFileSync(app.path("commands.sh"), commands.join("\n"));
    const pasted = run(app.dir, ["sh", "-e", "commands.sh"]);
    assert.equal(pasted.status, 0, pasted.stderr);
    assert.equal(hash(app.path("dist/minimal")), plain["dist/minimal"]);
  });

  it("runs", async () => {
    const ran = await runUntil(app.dir, ["./dist/minimal"], /as PID/);
    assert.ok(ran.stopped, ran.stdout + ran.stderr);
    assert.equal(ran.status, 0, ran.stderr);
  });
});
