import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { chmodSync, copyFileSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { before, describe, it } from "node:test";
import { isFailure } from "../../toolchain/src/base/failure.ts";
import { encodePack } from "../../toolchain/src/facts/btf-pack.ts";
import { answersToSwitch, type Inspection, inspectFile } from "../../toolchain/src/inspect/inspect.ts";
import { describeObject, objectsIn } from "../../toolchain/src/inspect/object.ts";
import { inspectText } from "../../toolchain/src/report/inspect.ts";
import { paintIf, plain } from "../../toolchain/src/report/paint.ts";
import { folderWith, MINIMAL } from "../app.ts";
import { bpfApp } from "../cli/run.ts";
import { fixture, objectWithMaps } from "../skeleton/objects.ts";
import { ABOUT, ASSETS, addon, executable, OBJECT } from "./files.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** The kind of the failure that looking into a file ends with. */
async function refusal(path: string): Promise<string> {
  const error = await inspectFile(path).then(
    () => undefined,
    (error: unknown) => error,
  );
  assert.ok(isFailure(error, "inspect"), String(error));
  const { failure } = error;
  return failure.kind === "not-built-here" ? failure.why : failure.kind;
}

describe("an executable that was built", () => {
  let path: string;
  let found: Inspection;
  before(async () => {
    path = await executable();
    found = await inspectFile(path);
  });

  it("says what it is made of", () => {
    const bytes = readFileSync(path);
    assert.equal(found.size, bytes.length);
    assert.equal(found.sha256, sha256(bytes));
    assert.equal(found.node, "24.21.0");
    assert.equal(found.arch, "x64");
    assert.deepEqual(found.about, ABOUT);
    assert.equal(found.script.name, "events.cjs");
    assert.match(found.buildId, /^[0-9a-f]{40}$/);
    assert.equal(found.answers, true);
    const [one] = found.addons;
    assert.equal(one?.sha256, sha256(ASSETS["events.node"]!));
  });

  it("holds the object byte by byte, and says what is in it", () => {
    const [object] = found.objects;
    assert.equal(found.objects.length, 1);
    assert.equal(object?.name, "events");
    assert.equal(object?.sha256, sha256(OBJECT));
    assert.deepEqual(object, describeObject("events", OBJECT));
    assert.ok(object.programs.length > 0 && object.maps.length > 0 && object.sections.length > 0);
    for (const { instructions, type } of object.programs) {
      assert.ok(instructions > 0);
      assert.notEqual(type, "unknown");
    }
  });

  it("names the oldest libraries with which both the executable and its addons start", () => {
    // The addon takes a newer glibc, and 2.9 is older than 2.28.
    assert.deepEqual(found.floors, { glibc: "2.34", "libstdc++": "3.4.21" });
    assert.deepEqual(found.needs.versions, ["GLIBC_2.28", "GLIBC_PRIVATE", "GLIBCXX_3.4.21"]);
    assert.deepEqual(found.needs.libraries, ["libc.so.6"]);
  });

  it("names the oldest kernel, and the one setcap line", () => {
    assert.match(found.kernel.version, /^\d+\.\d+$/);
    assert.ok(found.kernel.because.some(({ what }) => what.includes("ringbuf")));
    assert.match(found.setcap, new RegExp(`^setcap cap_bpf\\S*\\+ep ${path}$`));
  });

  it("is a table for people, with colours only where they are wanted", () => {
    const text = inspectText(found, plain);
    assert.ok(!text.includes("\x1b"));
    for (const said of [
      /^ {2}app +events 1\.2\.3$/m,
      /^ {2}Node +24\.21\.0$/m,
      /^ {2}libbpf +1\.7\.0 +git +commit f{40} \(v1\.7\.0\); BSD-2-Clause$/m,
      /^ {2}zlib +1\.3\.1 +pool +zlib\.orig\.tar\.gz sha256 a{64}$/m,
      /^BPF object events$/m,
      /^ {2}glibc +2\.34 or newer$/m,
      /^ {2}src\/events\.bpf\.c +sha256 b{64}$/m,
    ])
      assert.match(text, said);
    assert.match(text, /^ {2}licence +(?:Dual|GPL)/m);
    for (const { name } of found.objects[0]!.programs) assert.match(text, new RegExp(`^ {4}${name} `, "m"));
    assert.ok(inspectText(found, paintIf(true)).includes("\x1b[1m"));
  });

  it("is the same in the formats of other Nodes", async () => {
    for (const head of [8, 10, 12]) {
      const other = await inspectFile(await executable(ASSETS, head));
      assert.deepEqual(other.objects, found.objects);
      assert.equal(other.script.sha256, found.script.sha256);
    }
  });
});

describe("a file that was not built", () => {
  it("is told apart by what it is", async () => {
    const folder = folderWith({ text: "hello\n", empty: "" });
    assert.equal(await refusal(join(folder, "text")), "not-elf");
    assert.equal(await refusal(join(folder, "empty")), "not-elf");
    assert.equal(await refusal("/bin/sh"), "no-blob");
    writeFileSync(join(folder, "object"), OBJECT);
    assert.equal(await refusal(join(folder, "object")), "other-machine");
    assert.equal(await refusal(join(folder, "gone")), "inspect-unreadable");
    assert.equal(await refusal(folder), "inspect-unreadable");
  });

  it("is a single executable that says nothing of itself", async () => {
    const { "about.json": _, ...others } = ASSETS;
    const path = await executable(others);
    assert.equal(await refusal(path), "not-about");
    assert.equal(await answersToSwitch(path), true);
    assert.equal(await answersToSwitch(await executable({ a: Buffer.from("b") })), false);
  });
});

describe("a file that was built, and then damaged,", () => {
  it("is refused wherever it is cut", async () => {
    const path = await executable();
    const whole = readFileSync(path);
    const cut = join(dirname(path), "cut");
    const results = new Set<string>();
    for (let size = whole.length - 1; size > 0; size -= 997) {
      writeFileSync(cut, whole.subarray(0, size));
      results.add(await refusal(cut));
    }
    assert.deepEqual([...results].sort(), ["built-file-damaged"]);
  });

  for (const [what, assets, said] of [
    ["no JSON", { "about.json": Buffer.from("{") }, /no JSON/],
    ["another format", { "about.json": Buffer.from(JSON.stringify({ ...ABOUT, format: 2 })) }, /format/],
    [
      "a sum that is none",
      { "about.json": Buffer.from(JSON.stringify({ ...ABOUT, inputs: { a: "x" } })) },
      /sha256/,
    ],
    ["no object", { "events.node": addon(Buffer.alloc(100)) }, /events\.node holds no BPF object/],
    ["no library", { "events.node": OBJECT }, /events\.node is no library/],
    ["half an object", { "events.node": addon(OBJECT.subarray(0, 900)) }, /holds no BPF object/],
  ] as const)
    it(`is refused with ${what}`, async () => {
      const path = await executable({ ...ASSETS, ...assets });
      await assert.rejects(inspectFile(path), (error) => {
        assert.ok(isFailure(error, "inspect") && error.failure.kind === "built-file-damaged", String(error));
        assert.match(error.failure.what, said);
        return true;
      });
    });
});

describe("objects", () => {
  it("are found in bytes, as many as there are", () => {
    const pair = Buffer.concat([
      Buffer.alloc(16),
      OBJECT,
      Buffer.from("between "),
      fixture("shapes"),
      Buffer.alloc(8),
    ]);
    assert.deepEqual(
      objectsIn(pair).map((bytes) => sha256(bytes)),
      [sha256(OBJECT), sha256(fixture("shapes"))],
    );
  });

  it("have maps with their sizes, and types as C spells them", () => {
    const object = objectWithMaps((btf) => {
      const u64 = btf.int("unsigned long long", 8);
      const names = { type: 1, max_entries: 9, pinning: 1 };
      const members = Object.entries(names).map(([name, value], at) => ({
        name,
        type: btf.ptr(btf.array(u64, value)),
        at: at * 64,
      }));
      const key = { name: "key", type: btf.ptr(u64), at: 3 * 64 };
      return { counts: btf.struct("", 32, [...members, key]) };
    });
    assert.deepEqual(describeObject("it", object).maps, [
      { name: "counts", type: "hash", keySize: 8, valueSize: 0, maxEntries: 9, flags: 0, pinned: true },
    ]);
    const types = describeObject("shapes", fixture("shapes"))
      .sections.flatMap(({ variables }) => variables)
      .map(({ type }) => type);
    assert.ok(
      types.some((type) => /^struct \w+/.test(type)),
      types.join(),
    );
    assert.ok(
      types.every((type) => !type.includes("…")),
      types.join(),
    );
  });
});

describe("bpf-app inspect", () => {
  it("takes a path, a program's name, or nothing", async () => {
    const app = folderWith(MINIMAL);
    const none = bpfApp(app, ["inspect"]);
    assert.equal(none.status, 1);
    assert.match(none.stderr, /Not built yet: dist\/minimal\.\n {2}Build it: npm run build/);
    mkdirSync(join(app, "dist"));
    copyFileSync(await executable(), join(app, "dist/minimal"));
    const named = bpfApp(app, ["inspect", "minimal", "--json"]);
    assert.equal(named.status, 0, named.stderr);
    assert.equal(JSON.parse(named.stdout).file, "dist/minimal");
    const all = bpfApp(app, ["inspect", "--json"]);
    assert.deepEqual(JSON.parse(all.stdout), [JSON.parse(named.stdout)]);
    const path = bpfApp(app, ["inspect", "dist/minimal"]);
    assert.match(path.stdout, /^dist\/minimal\n/);
    assert.match(path.stdout, /sudo setcap \S+ dist\/minimal$/m);
    chmodSync(join(app, "dist/minimal"), 0o644);
    assert.equal(bpfApp(app, ["inspect", "dist/minimal"]).status, 0, "it is not run");
  });

  it("prints licences of all files and the bill of materials of one, where files have them", async () => {
    const app = folderWith(MINIMAL);
    mkdirSync(join(app, "dist"));
    copyFileSync(await executable(), join(app, "dist/minimal"));
    for (const option of ["--licenses", "--sbom"]) {
      const { status, stderr } = bpfApp(app, ["inspect", option]);
      assert.equal(status, 1);
      assert.match(stderr, /^bpf-app: dist\/minimal does not hold the licences[\s\S]*npm run build\n$/);
    }
    const both = bpfApp(app, ["inspect", "--licenses", "--sbom"]);
    assert.equal(both.status, 1);
    assert.match(both.stderr, /only one can be given/);
    copyFileSync(join(app, "dist/minimal"), join(app, "dist/probe"));
    writeFileSync(join(app, "src/probe.bpf.c"), "");
    writeFileSync(join(app, "src/probe.ts"), "");
    const { stderr } = bpfApp(app, ["inspect", "--sbom"]);
    assert.match(stderr, /Name one of minimal, probe, for example: npx bpf-app inspect --sbom minimal\n/);
  });

  it("says in a sentence that there is no such file", () => {
    const { status, stdout, stderr } = bpfApp(folderWith(MINIMAL), ["inspect", "mnimal"]);
    assert.equal(status, 1);
    assert.equal(stdout, "");
    assert.match(stderr, /^bpf-app: mnimal cannot be read\.\n {2}There is no such file\./);
  });
});

describe("BTF of other kernels in an executable", () => {
  const pack = encodePack({
    arch: "x64",
    kernels: [
      { release: "5.4.0-42-generic", from: "ubuntu/20.04", blob: 0 },
      { release: "4.19.0", from: "", blob: 1 },
      { release: "4.19.1", from: "", blob: 1 },
    ],
    blobs: [Buffer.alloc(300), Buffer.alloc(200)],
  });

  it("is listed by kernel, with its size", async () => {
    const found = await inspectFile(await executable({ ...ASSETS, "events.btf": pack }));
    const { kernels, ...rest } = found.btf[0]!;
    assert.deepEqual(rest, { name: "events", size: pack.length, sha256: sha256(pack), different: 2 });
    assert.deepEqual(kernels[0], { release: "5.4.0-42-generic", from: "ubuntu/20.04", size: 300 });
    const text = inspectText(found, plain);
    assert.match(text, /BTF of other kernels for events\n.*\n +kernels +3, of which 2 differ/);
    assert.match(text, /^ +4\.19\.0 +- +200$/m);
    assert.deepEqual((await inspectFile(await executable())).btf, []);
  });

  it("that is damaged is said", async () => {
    const cut = { ...ASSETS, "events.btf": pack.subarray(0, 20) };
    assert.equal(await refusal(await executable(cut)), "built-file-damaged");
  });
});
