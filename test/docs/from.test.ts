// The programs of docs/from, ours and the others', compiled and run side by side.
import assert from "node:assert/strict";
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { after, before, describe, it } from "node:test";
import { App, run } from "../build/app.ts";
import { ROOT } from "../root.ts";
import { fileOf, filesOf } from "./from/blocks.ts";
import { expectPackage, kernelHeaders, PYTHON, works } from "./from/tools.ts";
import { proveCounts, proveOpens, WRITTEN_OUT } from "./from/watch.ts";

const HERE = import.meta.dirname;
const OURS = ["src/opens.h", "src/opens.bpf.c", "src/opens.ts"];
const PAGES = readdirSync(join(ROOT, "docs/from")).filter((name) => name !== "README.md");

describe("coming from", () => {
  let folder: string;
  let app: App;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), "bpf-app-from-"));
    app = App.make("minimal");
    for (const path of OURS) writeFileSync(app.path(path), fileOf("bpftrace.md", path));
    for (const path of ["src/byname.bpf.c", "src/byname.ts"])
      writeFileSync(app.path(path), fileOf("bpftrace.md", path));
    for (const name of ["minimal.bpf.c", "minimal.ts", "minimal.test.ts"]) rmSync(app.path(`src/${name}`));
    const built = app.build();
    assert.equal(built.status, 0, built.stdout + built.stderr);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** Writes files of a page into a folder of their own. */
  function write(page: string, name: string): string {
    const into = join(folder, name);
    for (const [path, text] of Object.entries(filesOf(page)).filter(([path]) => !path.startsWith("src/"))) {
      mkdirSync(dirname(join(into, path)), { recursive: true });
      writeFileSync(join(into, path), text);
    }
    return into;
  }

  function succeeds(cwd: string, command: readonly string[], env: NodeJS.ProcessEnv = {}): void {
    const { status, stdout, stderr } = run(cwd, command, env);
    assert.equal(status, 0, `${command.join(" ")}\n${stdout}${stderr}`);
  }

  it("has one program of ours on all pages, which is type-checked", () => {
    assert.deepEqual(PAGES.sort(), ["aya.md", "bcc.md", "bpf2go.md", "bpftrace.md", "libbpf-bootstrap.md"]);
    for (const page of PAGES)
      for (const path of OURS)
        assert.equal(fileOf(page, path), fileOf("bpftrace.md", path), `${page}: ${path}`);
    succeeds(app.dir, ["npx", "tsc", "--noEmit"]);
  });

  it("runs our program", async () => {
    await proveOpens({ command: ["dist/opens"], cwd: app.dir, error: "ENOENT", ...WRITTEN_OUT }, folder);
  });

  it("runs the C program of libbpf-bootstrap", async () => {
    const cwd = write("libbpf-bootstrap.md", "c");
    const include = [".output", "vendor/libbpf/include/uapi"].flatMap((path) => ["-isystem", app.path(path)]);
    const libraries = ["libbpf.a", "libelf.a", "libz.a"].map((name) => app.path(`.output/${name}`));
    const flags = ["-O2", "-Wall", "-Wextra", "-Werror", ...include, `-I${app.path("src")}`];
    succeeds(cwd, ["cc", ...flags, "opens.c", "-o", "opens", ...libraries]);
    await proveOpens({ command: ["./opens"], cwd, error: "ENOENT", ...WRITTEN_OUT }, folder);
  });

  it("runs the Python program of BCC", async () => {
    expectPackage("python3-bpfcc", works(PYTHON, "-c", "import bcc"));
    const cwd = write("bcc.md", "bcc");
    const env = { BCC_KERNEL_SOURCE: kernelHeaders(folder) };
    const command = [PYTHON, "opens.py"];
    const slot = /^\s+\d+ -> \d+\s+: [1-9]/m;
    await proveOpens({ command, cwd, env, error: "ENOENT", count: ["", " "], slot }, folder);
  });

  it("runs the script and the one-liner of bpftrace, and what becomes of the latter", async () => {
    expectPackage("bpftrace", works("bpftrace", "--version"));
    const cwd = write("bpftrace.md", "bpftrace");
    const slot = /^\[\d+, \d+\)\s+\d+ \|@/m;
    const count = ["@counts[", "]: "] as const;
    await proveOpens({ command: ["bpftrace", "opens.bt"], cwd, error: "2", count, slot }, folder);
    const one = ["bpftrace", "-e", fileOf("bpftrace.md", "oneliner.bt")];
    await proveCounts({ command: one, cwd, count: ["@[", "]: "] }, folder);
    await proveCounts({ command: ["dist/byname"], cwd: app.dir, count: ["@[", "]: "] }, folder);
  });

  const go = works("go", "version") ? false : "Go is not here: its program was not run";
  it("runs the Go program of bpf2go", { skip: go }, async () => {
    const cwd = write("bpf2go.md", "go");
    cpSync(join(HERE, "from/go.sum"), join(cwd, "go.sum"));
    // What the page says of the two files in C.
    const kernel = fileOf("bpf2go.md", "src/opens.bpf.c");
    const ring = /(BPF_MAP_TYPE_RINGBUF.*\n.*\n)/;
    assert.match(kernel, ring);
    const theirs = `//go:build ignore\n\n${kernel.replace(ring, "$1\t__type(value, struct failure);\n")}`;
    writeFileSync(join(cwd, "opens.bpf.c"), theirs);
    writeFileSync(join(cwd, "opens.h"), fileOf("bpf2go.md", "src/opens.h"));
    cpSync(app.path(".output/vmlinux.h"), join(cwd, "headers/vmlinux.h"));
    cpSync(app.path(".output/bpf"), join(cwd, "headers/bpf"), { recursive: true });
    const env = { GOTOOLCHAIN: "local", GOFLAGS: "-mod=readonly" };
    succeeds(cwd, ["go", "generate"], env);
    succeeds(cwd, ["go", "vet"], env);
    succeeds(cwd, ["go", "build", "-o", "opens"], env);
    await proveOpens({ command: ["./opens"], cwd, error: "ENOENT", ...WRITTEN_OUT }, folder);
    // The same file, in an app.
    writeFileSync(app.path("src/opens.bpf.c"), theirs);
    const built = app.build(["opens"]);
    assert.equal(built.status, 0, built.stdout + built.stderr);
    succeeds(app.dir, ["npx", "tsc", "--noEmit"]);
  });

  const cargo = works("cargo", "--version") ? false : "Rust is not here: Aya's program was not run";
  const linker = works("bpf-linker", "--version")
    ? false
    : "bpf-linker is not here: Aya's program was not run";
  it("checks the kernel side of Aya's program", { skip: cargo }, () => {
    const cwd = write("aya.md", "aya");
    cpSync(join(HERE, "from/Cargo.lock"), join(cwd, "Cargo.lock"));
    // The kernel's target has to be built by a nightly compiler. The types are the same for any target.
    succeeds(cwd, ["cargo", "check", "--locked", "--package", "opens-ebpf"], { RUSTFLAGS: "-Dwarnings" });
  });

  it("runs the Rust program of Aya", { skip: cargo || linker }, async () => {
    const cwd = join(folder, "aya");
    succeeds(cwd, ["cargo", "build", "--locked", "--release"]);
    const error = "No such file or directory (os error 2)";
    await proveOpens({ command: ["target/release/opens"], cwd, error, ...WRITTEN_OUT }, folder);
  });
});
