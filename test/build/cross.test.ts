import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { before, test } from "node:test";
import { type ArchName, otherArch, ownArch } from "../../toolchain/src/base/arch.ts";
import { App, type Ran, run } from "./app.ts";

/**
 * An app that is built for the other architecture beside this machine's own, and started by QEMU's user emulation.
 * Debian: gcc-aarch64-linux-gnu g++-aarch64-linux-gnu qemu-user-static
 */
const OTHER = otherArch(ownArch());
const QEMU: Readonly<Record<ArchName, string>> = { x64: "qemu-x86_64-static", arm64: "qemu-aarch64-static" };

let app: App;
let made: Ran;
const file = `dist/bootstrap-${OTHER.node}`;
before(() => {
  app = App.make("bootstrap");
  made = app.build([`ARCH=${OTHER.node}`]);
});

const machineOf = (path: string) => readFileSync(app.path(path)).readUInt16LE(18);

function emulated(...args: readonly string[]): Ran {
  return run(app.dir, [QEMU[OTHER.node], "-L", `/usr/${OTHER.gnu}`, app.path(file), ...args]);
}

test("one command makes the executable for another machine, under a name of its own", () => {
  assert.equal(made.status, 0, made.stdout + made.stderr);
  assert.equal(machineOf(file), OTHER.elf);
  assert.equal(machineOf(`.output/${OTHER.node}/bootstrap.node`), OTHER.elf);
  // What a build uses itself is for this machine.
  assert.equal(machineOf(".output/bpftool/bootstrap/bpftool"), ownArch().elf);
  assert.match(readFileSync(app.path(`.output/${OTHER.node}/vmlinux.h`), "utf8"), new RegExp(OTHER.register));
  assert.ok(!existsSync(app.path("dist/bootstrap")));
});

test("it starts there, and says what it is made of", () => {
  const { status, stdout, stderr } = emulated("--help");
  assert.equal(status, 0, stderr);
  assert.match(stdout, /^Usage: bootstrap /);
  const { stdout: json } = run(app.dir, ["npx", "bpf-app", "inspect", file, "--json"]);
  assert.equal(JSON.parse(json).arch, OTHER.node);
});

test("its addon asks for no newer C library than Node does", () => {
  const { stdout } = run(app.dir, [`${OTHER.gnu}-objdump`, "-T", `.output/${OTHER.node}/bootstrap.node`]);
  const minors = [...stdout.matchAll(/GLIBC_2\.(\d+)/g)].map(([, minor]) => Number(minor));
  assert.ok(minors.length > 0);
  assert.ok(Math.max(...minors) <= 28, `GLIBC_2.${Math.max(...minors)}`);
});

test("a build for this machine changes none of its files, and it is up to date after that", () => {
  const own = app.build();
  assert.equal(own.status, 0, own.stdout + own.stderr);
  assert.equal(machineOf("dist/bootstrap"), ownArch().elf);
  assert.equal(machineOf(file), OTHER.elf);
  for (const args of [[], [`ARCH=${OTHER.aliases[0]}`]]) {
    const { status, stdout } = app.build(args);
    assert.equal(status, 0);
    // Not a line about a step that runs.
    assert.doesNotMatch(stdout, /^ {2}[A-Z]/m);
  }
});

test("what runs here refuses it, and clean removes it", () => {
  const { status, stderr } = run(app.dir, ["npx", "bpf-app", "start", `ARCH=${OTHER.node}`]);
  assert.equal(status, 1);
  assert.match(stderr, new RegExp(`ARCH=${OTHER.node} is another one`));
  const cleaned = run(app.dir, ["npx", "bpf-app", "clean"]);
  assert.equal(cleaned.status, 0, cleaned.stderr);
  assert.ok(!existsSync(app.path("dist")));
});
