// The same app in two checkouts. The second lies in a folder whose name has what shells, make and URLs give a meaning of
// their own, and is built by somebody with other ways; then once more by what that build has printed.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { App, hash, type Ran, run, runUntil } from "./app.ts";

const NAME = 'it\'s my $app ~ #1: 100% (x) [é] "q" & ;';
/** What is made of the app's sources, and of the vendored ones. */
const OWN = ["tmp.bpf.o", "bpf.o", "skel.h", "skel.ts", "node", "blob"].map(
  (kind) => `.output/minimal.${kind}`,
);
const SHARED = ["libelf.a", "libz.a", "libbpf.a", "bpftool/bootstrap/bpftool", "addon/module.o"].map(
  (file) => `.output/${file}`,
);

describe(`a checkout in a folder named ${NAME}`, () => {
  let app: App;
  let built: Ran;
  const usual: Record<string, string> = {};
  /** Without npm, which cannot put the app's programs in PATH where the app's path has a colon. */
  const bpfApp = (...args: string[]): Ran =>
    run(app.dir, ["node_modules/.bin/bpf-app", ...args], { BPF_APP_CACHE: "off" });

  before(() => {
    const first = App.make("minimal");
    const place = join(dirname(first.dir), "another-place,deeper", NAME);
    mkdirSync(dirname(place));
    cpSync(first.dir, place, { recursive: true, verbatimSymlinks: true });
    app = new App(place);
    const made = first.build(["-j", "2"], { BPF_APP_CACHE: "off" });
    assert.equal(made.status, 0, made.stderr);
    for (const file of [...OWN, ...SHARED, "dist/minimal"]) usual[file] = hash(first.path(file));
    for (const file of OWN)
      assert.ok(!readFileSync(first.path(file)).includes(first.dir), `${file} holds the folder of its build`);
    const ways = { HOME: place, LANG: "de_DE.UTF-8", TZ: "Asia/Tokyo", USER: "someone", LOGNAME: "someone" };
    const command = "umask 077; exec node_modules/.bin/bpf-app build -j 1 V=1";
    built = run(app.dir, ["sh", "-c", command], { BPF_APP_CACHE: "off", ...ways });
  });

  it("is built with the same bytes as anywhere else, by whomever and whenever", () => {
    assert.equal(built.status, 0, built.stdout + built.stderr);
    for (const [file, bytes] of Object.entries(usual)) assert.equal(hash(app.path(file)), bytes, file);
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

  it("is built the same by the commands that V=1 has printed, pasted into a shell", () => {
    for (const folder of [".output", "dist"]) rmSync(app.path(folder), { recursive: true });
    const commands = built.stdout
      .split("\n")
      .filter((line) => /^(mkdir|[A-Z]+=|\/|\.output\/|node_modules\/)/.test(line));
    writeFileSync(app.path("commands.sh"), commands.join("\n"));
    const pasted = run(app.dir, ["sh", "-e", "commands.sh"]);
    assert.equal(pasted.status, 0, pasted.stderr);
    assert.equal(hash(app.path("dist/minimal")), usual["dist/minimal"]);
  });

  it("runs", async () => {
    const ran = await runUntil(app.dir, ["./dist/minimal"], /BPF triggered from PID \d+/);
    assert.match(ran.stdout, /BPF triggered from PID \d+/, ran.stderr);
    assert.ok(ran.stopped, ran.stdout + ran.stderr);
    assert.equal(ran.status, 0, ran.stderr);
  });
});
