// `bpf-app build` checks the types of a real app: what makes it check again, and what it does when they do not fit.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { App, hash, run } from "./app.ts";

const FLAW = "export const flaw: number = String(process.pid);\n";

describe("a build of an app in TypeScript", () => {
  let app: App;
  before(() => {
    app = App.make("minimal");
    const built = app.build();
    assert.equal(built.status, 0, built.stderr);
    assert.match(built.stdout, /^ {2}TSC {6}tsconfig\.json$/m);
  });

  /** Whether the check would run now. */
  function stale(): boolean {
    const { stdout, status, stderr } = run(app.dir, ["node_modules/.bin/bpf-app", "build", "-n"]);
    assert.equal(status, 0, stderr);
    const line = stdout.split("\n").find((one) => one.includes("TSC")) ?? "";
    assert.notEqual(line, "", stdout);
    return !line.includes("is up to date");
  }

  /** Writes a file, and restores what was there after the test. */
  function edit(file: string, text: (before: string) => string, test: () => void): void {
    const path = app.path(file);
    let old: string | undefined;
    try {
      old = readFileSync(path, "utf8");
    } catch {}
    writeFileSync(path, text(old ?? ""));
    try {
      test();
    } finally {
      if (old === undefined) rmSync(path);
      else writeFileSync(path, old);
    }
  }

  for (const file of [
    "src/minimal.ts",
    "src/minimal.test.ts",
    "tsconfig.json",
    "package.json",
    ".output/minimal.skel.ts",
    "node_modules/@types/node/fs.d.ts",
    "node_modules/bpf-app/dist/types/runtime/index.d.ts",
    "src/new.ts",
    "bpf-app.config.ts",
  ]) {
    it(`checks again when ${file} changes, and not when it is restored`, () => {
      assert.equal(stale(), false);
      edit(
        file,
        (text) => `${text}\n`,
        () => assert.equal(stale(), true),
      );
      assert.equal(stale(), false);
    });
  }

  it("checks again when a file outside of src/ that is imported changes, and a configuration that is extended", () => {
    mkdirSync(app.path("shared"));
    writeFileSync(app.path("shared/base.json"), `{ "compilerOptions": { "noImplicitOverride": true } }`);
    writeFileSync(app.path("shared/names.ts"), "export const name = 'x';\n");
    edit(
      "tsconfig.json",
      (text) => text.replace("{", `{ "extends": "./shared/base",`),
      () =>
        edit(
          "src/minimal.test.ts",
          (text) => `${text}\nimport "../shared/names.ts";\n`,
          () => {
            assert.equal(app.build().status, 0);
            assert.equal(stale(), false);
            for (const file of ["shared/names.ts", "shared/base.json"]) {
              edit(
                file,
                (text) => `${text}\n`,
                () => assert.equal(stale(), true, file),
              );
              assert.equal(stale(), false, file);
            }
          },
        ),
    );
    assert.equal(app.build().status, 0);
  });

  it("refuses what does not type-check, says where in one wording, and leaves dist/ as it was", () => {
    const executable = hash(app.path("dist/minimal"));
    edit(
      "src/minimal.ts",
      (text) => `${text}\n${FLAW}console.log(flaw);\n`,
      () => {
        const line = readFileSync(app.path("src/minimal.ts"), "utf8").split("\n").indexOf(FLAW.trim()) + 1;
        for (const words of [[], ["minimal"]]) {
          const { status, stdout, stderr } = app.build(words);
          assert.equal(status, 1);
          assert.match(stdout, new RegExp(`^src/minimal\\.ts:${line}:14: error TS2322: `, "m"));
          assert.ok(!stdout.includes("\x1b"), "a pipe gets no colours");
          assert.ok(!stdout.includes(app.dir), "places are relative to the app");
          assert.match(stderr, /^bpf-app: The app does not type-check\.\n.*--no-check\n$/);
          assert.equal(hash(app.path("dist/minimal")), executable);
        }
        const coloured = app.build([], { FORCE_COLOR: "1" }).stdout;
        assert.ok(coloured.includes("merror\x1b[0m"), coloured);
      },
    );
  });

  it("ships it with --no-check, and checks it the next time", () => {
    const executable = hash(app.path("dist/minimal"));
    edit(
      "src/minimal.ts",
      (text) => `${text}\n${FLAW}console.log(flaw);\n`,
      () => {
        const without = app.build(["--no-check"]);
        assert.equal(without.status, 0, without.stderr);
        assert.doesNotMatch(without.stdout, /TSC/);
        assert.notEqual(hash(app.path("dist/minimal")), executable);
        assert.equal(app.build().status, 1);
      },
    );
    assert.equal(app.build().status, 0);
    assert.equal(hash(app.path("dist/minimal")), executable);
  });

  it("does not wait for types in dev, and says a warning of clang's again while it is true", () => {
    edit(
      "src/minimal.ts",
      () => `${FLAW}console.log("ran");\n`,
      () => {
        const { status, stdout, stderr } = run(app.dir, ["node_modules/.bin/bpf-app", "dev", "--once"]);
        assert.equal(status, 0, stderr);
        assert.match(stdout, /^ran$/m);
      },
    );
    edit(
      "src/minimal.bpf.c",
      (text) => `${text}static int unused_here;\n`,
      () => {
        const warning = /^src\/minimal\.bpf\.c:\d+:\d+: warning: unused variable 'unused_here'/m;
        assert.match(app.build().stdout, warning);
        const again = app.build();
        assert.equal(again.status, 0);
        assert.match(again.stdout, warning);
        assert.doesNotMatch(again.stdout, /BPF {6}/, "it is said again, not compiled again");
        assert.match(app.build([], { FORCE_COLOR: "1" }).stdout, /\[[\d;]*mwarning: /);
        assert.ok(!app.build(["--json"]).stdout.includes("\\u001b"));
      },
    );
    assert.doesNotMatch(app.build().stdout, /warning/);
  });

  it("says that nothing is checked where there is no tsconfig.json, and what to do where TypeScript is missing", () => {
    const config = readFileSync(app.path("tsconfig.json"));
    rmSync(app.path("tsconfig.json"));
    const without = app.build();
    assert.equal(without.status, 0, without.stderr);
    assert.equal(
      without.stderr,
      "bpf-app: The types are not checked, because the app has no tsconfig.json.\n",
    );
    writeFileSync(app.path("tsconfig.json"), config);
    rmSync(app.path("node_modules/typescript"), { recursive: true });
    const missing = app.build();
    assert.equal(missing.status, 1);
    assert.match(missing.stderr, /TypeScript, which package\.json names, is not installed\.\n.*npm install/);
    assert.equal(app.build(["--no-check"]).status, 0);
    edit(
      "package.json",
      (text) => text.replace(/"typescript": "[^"]*"/, '"left-pad": "1.3.0"'),
      () => {
        const { status, stderr } = app.build();
        assert.equal(status, 0, stderr);
        assert.match(stderr, /does not depend on TypeScript/);
      },
    );
  });
});
