import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { generateSkeleton } from "../../toolchain/src/skeleton/index.ts";
import { ROOT } from "../root.ts";
import { fixture, objectOfEveryKind } from "../skeleton/objects.ts";

const FIXTURES = join(ROOT, "test/skeleton/fixtures");
const directory = mkdtempSync(join(tmpdir(), "skeleton-build-"));
after(() => rmSync(directory, { recursive: true }));

function run(command: string, ...args: readonly string[]): void {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: "utf8" });
  if (error) throw error;
  assert.equal(status, 0, `${command} ${args.join(" ")}\n${stdout}${stderr}`);
}

/** Compiles a C file beside nothing but its own folder. */
function compile(source: string, name: string, ...flags: readonly string[]): Uint8Array {
  const object = join(directory, `${name}.bpf.o`);
  // A fixture's handlers take a context they have no use for, and its arrays of structs leave braces out.
  const warnings = ["-Wall", "-Wextra", "-Werror", "-Wno-unused-parameter", "-Wno-missing-braces"];
  run("clang", "-g", "-O2", "-target", "bpf", ...warnings, ...flags, "-c", source, "-o", object);
  return readFileSync(object);
}

for (const name of ["events", "shapes", "sends"])
  test(`the fixture ${name} is what clang makes of its source`, () => {
    const built = generateSkeleton({ name, object: compile(join(FIXTURES, `${name}.bpf.c`), name) });
    assert.equal(built, generateSkeleton({ name, object: fixture(name) }));
  });

test("a type that was inferred looks as the same type does that is declared", () => {
  const source = join(FIXTURES, "sends.bpf.c");
  const declared = generateSkeleton({ name: "sends", object: compile(source, "declared", "-DDECLARED") });
  const inferred = generateSkeleton({ name: "sends", object: fixture("sends") });
  const lines = inferred.split("\n").filter((line) => !line.includes("was inferred from what"));
  assert.equal(lines.join("\n"), declared);
});

for (const cpu of ["v1", "v2", "v3"])
  test(`the same is inferred from the instructions of ${cpu}`, () => {
    const object = compile(join(FIXTURES, "sends.bpf.c"), cpu, `-mcpu=${cpu}`);
    assert.equal(
      generateSkeleton({ name: "sends", object }),
      generateSkeleton({ name: "sends", object: fixture("sends") }),
    );
  });

test("the same object gives the same text", () => {
  const first = generateSkeleton({ name: "events", object: fixture("events") });
  assert.equal(generateSkeleton({ name: "events", object: Buffer.from(fixture("events")) }), first);
});

/** What an app writes. The line that follows "@ts-expect-error" must not compile. */
const APP = `
import { event, events, stage } from "./events.skel.ts";
import { zero } from "bpf-app/runtime";
import { dup, packed, type packed_init, shapes } from "./shapes.skel.ts";
using skel = events.open();
skel.rodata.min_duration_ns = 5_000_000n;
// @ts-expect-error a 64-bit global is a bigint
skel.rodata.min_duration_ns = 5;
skel.load();
skel.attach();
skel.bss.my_pid = process.pid;
const pid: number = skel.bss.my_pid;
const second: bigint = skel.bss.counts[1]!;
const cheap: number = skel.rodata.min_duration_ns$number;
skel.data.pairs[1]!.a = pid;
skel.data.pairs.set(0, { a: 1, b: 2 });
const configured: boolean = skel.kconfig.CONFIG_BPF;
// @ts-expect-error the kernel's configuration is read only
skel.kconfig.CONFIG_BPF = true;
// @ts-expect-error there is no such global
skel.bss.nothing;
// @ts-expect-error there is no such map
skel.maps.nothing;
async function read(): Promise<void> {
  for await (const e of skel.maps.rb) {
    const same: event = e;
    const text: string = same.comm;
    const at: stage = e.stage;
    if (at === stage.DEAD || at === 17) console.log(text, e.duration_ns, pid, second, cheap, configured);
  }
}
await read();
const stages: Record<string, number> = stage;
using other = shapes.open();
other.bss.memory1.View.name = "x";
other.data.fields1.c = 1n;
const bytes: Uint8Array = other.bss.memory1.View.name$bytes$2;
const value: packed = { c: 1, l: 2n, arr: new BigUint64Array(2), v: { View: 1, name: "n", name$bytes: 2 } };
const size: number = packed.size;
const part: packed_init = { l: 2n, arr: [1n], v: { name: "n" } };
other.maps.locks.set({ l: 2n, v: { View: 1 } }, { value: 1 });
other.maps.locks.set(value, { value: 1 });
other.maps.locks.delete(part);
other.maps.per_cpu.set(0, [{ y: 1 }, { x: { a: 1 } }]);
// @ts-expect-error a misspelt member
other.maps.locks.set({ l: 2n }, { valve: 1 });
// @ts-expect-error a misspelt member of a struct in a struct
other.maps.locks.set({ v: { view: 1 } }, { value: 1 });
// @ts-expect-error a 64-bit member is a bigint
other.maps.locks.set({ l: 2 }, { value: 1 });
function copy<K, V>(map: { set(key: K, value: V): void }, key: K, made: V): void {
  map.set(key, made);
}
copy(other.maps.locks, value, { value: 1 });
other.data.dup1 = { z: "abc" };
other.data.packed1.set(0, { c: 1 });
const started: event = { ...zero(event), pid, comm: "x" };
const kept: Uint8Array | undefined = started.comm$bytes;
const union: number = zero(dup).y;
console.log(stages, bytes, value, size, part, kept, union);
`;

const OPTIONS = {
  target: "es2024",
  lib: ["es2024", "esnext.disposable"],
  module: "nodenext",
  types: ["node"],
  typeRoots: [join(ROOT, "node_modules/@types")],
  strict: true,
  noUncheckedIndexedAccess: true,
  noImplicitOverride: true,
  noImplicitReturns: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  erasableSyntaxOnly: true,
  allowImportingTsExtensions: true,
  noEmit: true,
  skipLibCheck: true,
  paths: {
    "bpf-app/generated": [join(ROOT, "toolchain/src/runtime/generated.ts")],
    "bpf-app/runtime": [join(ROOT, "toolchain/src/runtime/index.ts")],
  },
};

test("generated files, and an app that uses them, are clean under tsc --strict", () => {
  const write = (name: string, text: string) => writeFileSync(join(directory, name), text);
  write("package.json", '{ "type": "module" }');
  write("tsconfig.json", JSON.stringify({ compilerOptions: OPTIONS, include: ["*.ts"] }));
  for (const name of ["events", "shapes"])
    write(`${name}.skel.ts`, generateSkeleton({ name, object: fixture(name) }));
  write("every.skel.ts", generateSkeleton({ name: "every", object: objectOfEveryKind() }));
  write("app.ts", APP);
  run(join(ROOT, "node_modules/.bin/tsc"), "-p", directory);
});
