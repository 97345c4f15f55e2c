import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import {
  chownSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import type { SeaFailure } from "../../toolchain/src/sea/failures.ts";
import { inject, stripBase } from "../../toolchain/src/sea/index.ts";
import { keepsProtections } from "../../toolchain/src/sea/verify.ts";
import { notRoot } from "../app.ts";
import { blobOf, FUSE_OFF, FUSE_ON, image } from "./images.ts";

const dir = mkdtempSync(join(tmpdir(), "sea-test-"));
after(() => rmSync(dir, { recursive: true }));
let count = 0;

function file(bytes: Buffer, mode = 0o644): string {
  const path = join(dir, `file-${count++}`);
  writeFileSync(path, bytes, { mode });
  return path;
}

/** The failure that `inject` ends with. Nothing may be left at `out`. */
async function failure(base: Buffer, blob: Buffer): Promise<SeaFailure> {
  const out = join(dir, `out-${count++}`);
  try {
    await inject({ base: file(base), blob: file(blob), out });
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    assert.equal(existsSync(out), false, "nothing is left behind");
    return error.failure as SeaFailure;
  }
  assert.fail("nothing was thrown");
}

test("the finished file is the base with its fuse on, the blob behind it, and a mode of 0755", async () => {
  const base = image();
  const out = join(dir, "finished");
  const report = await inject({ base: file(base, 0o600), blob: file(blobOf("my program")), out });
  const bytes = readFileSync(out);
  const embedded = blobOf("my program", "");
  assert.equal(statSync(out).mode & 0o777, 0o755);
  assert.equal(report.size, bytes.length);
  assert.equal(report.version, "v24.21.0");
  assert.deepEqual(bytes.subarray(report.blobOffset, report.blobOffset + report.blobSize), embedded);
  assert.equal(report.blobSha256, createHash("sha256").update(embedded).digest("hex"));
  const undone = Buffer.from(bytes.subarray(0, base.length));
  assert.equal(undone.toString("latin1", report.fuseOffset - 47, report.fuseOffset + 1), FUSE_ON);
  undone.write("0", report.fuseOffset);
  base.copy(undone, 0, 0, 64);
  assert.deepEqual(undone, base);
});

test("the same base and blob give the same bytes", async () => {
  const [base, blob] = [file(image()), file(blobOf("x"))];
  await inject({ base, blob, out: join(dir, "first") });
  await inject({ base, blob, out: join(dir, "second") });
  assert.deepEqual(readFileSync(join(dir, "first")), readFileSync(join(dir, "second")));
});

test("the room of .bss is a hole in the file", async () => {
  const out = join(dir, "sparse");
  const report = await inject({ base: file(image({ bss: 8 << 20 })), blob: file(blobOf("x")), out });
  assert.ok(report.hole >= 8 << 20);
  assert.ok(statSync(out).blocks * 512 < 1 << 20, `${statSync(out).blocks} blocks`);
});

test("a file belongs to who makes it, whosever Node it was made of", { skip: notRoot }, async () => {
  const base = file(image());
  chownSync(base, 12_345, 12_345);
  const out = join(dir, "owned");
  await inject({ base, blob: file(blobOf("x")), out });
  const stripped = join(dir, "owned-base");
  await stripBase({ base, out: stripped });
  for (const made of [out, stripped])
    assert.deepEqual([statSync(made).uid, statSync(made).gid], [0, process.getegid?.()], made);
});

test("a symlink at the output is replaced, not followed", async () => {
  const victim = file(Buffer.from("precious"));
  const out = join(dir, "link");
  symlinkSync(victim, out);
  await inject({ base: file(image()), blob: file(blobOf("x")), out });
  assert.equal(readFileSync(victim, "utf8"), "precious");
  assert.equal(statSync(out).mode & 0o777, 0o755);
});

test("a fuse is found wherever in the data it lies", async () => {
  for (const lead of [0, (4 << 20) - 20, (4 << 20) - 1]) {
    const base = file(image({ data: `${" ".repeat(lead)}${FUSE_OFF}` }));
    const report = await inject({ base, blob: file(blobOf("x")), out: join(dir, "wherever") });
    assert.equal(report.fuseOffset, 0x1000 + lead + 47);
  }
});

test("bases that cannot become an executable are named failures, and leave nothing", async () => {
  const blob = blobOf("x");
  assert.equal((await failure(Buffer.from("#!/bin/sh"), blob)).kind, "base-not-elf");
  assert.equal((await failure(image({ data: "no switch" }), blob)).kind, "base-without-fuse");
  assert.equal((await failure(image({ data: `${FUSE_OFF.slice(0, -1)}2` }), blob)).kind, "base-without-fuse");
  const several = await failure(image({ data: FUSE_OFF + FUSE_OFF }), blob);
  assert.deepEqual([several.kind, "count" in several && several.count], ["base-several-fuses", 2]);
  const on = await failure(image({ data: FUSE_ON }), blob);
  assert.deepEqual([on.kind, "by" in on && on.by], ["base-already-injected", "fuse"]);
});

test("what is found wrong while the base is still being copied ends when the copy has ended", async () => {
  // The search ends at once, the copy of what is behind the segments does not.
  const base = file(image({ data: "no switch", tail: 64 << 20 }));
  const out = join(dir, "unfinished");
  await assert.rejects(inject({ base, blob: file(blobOf("x")), out }));
  const open = readdirSync("/proc/self/fd")
    .map((fd) => `/proc/self/fd/${fd}`)
    // The one by which this folder was read has been closed. Of a file that was removed the link is still there.
    .filter(existsSync)
    .map((link) => readlinkSync(link));
  assert.deepEqual(
    open.filter((path) => path.startsWith(out)),
    [],
  );
});

test("a fuse outside what is loaded does not count", async () => {
  const bytes = image({ data: "none" });
  bytes.write(FUSE_OFF, bytes.length - 60);
  assert.equal((await failure(bytes, blobOf("x"))).kind, "base-without-fuse");
});

test("an executable that carries a blob already is refused by its note too", async () => {
  const out = join(dir, "once");
  const { fuseOffset } = await inject({ base: file(image()), blob: file(blobOf("x")), out });
  const twice = await failure(readFileSync(out), blobOf("y"));
  assert.deepEqual([twice.kind, "by" in twice && twice.by], ["base-already-injected", "note"]);
  const off = readFileSync(out);
  off.write("0", fuseOffset);
  assert.equal((await failure(off, blobOf("y"))).kind, "base-already-injected");
});

test("a blob of another Node version is refused, one of unknown version is not", async () => {
  const base = image({ data: `${FUSE_OFF} node.js/v24.21.0` });
  const later = await failure(base, blobOf("x", "v24.21.1"));
  assert.ok(later.kind === "blob-version-mismatch");
  assert.deepEqual([later.blob, later.base], ["v24.21.1", "v24.21.0"]);
  const tenth = image({ data: `${FUSE_OFF} node.js/v24.2.10` });
  assert.equal((await failure(tenth, blobOf("x", "v24.2.1"))).kind, "blob-version-mismatch");
  const plain = await inject({ base: file(base), blob: file(blobOf("x", "")), out: join(dir, "plain") });
  assert.equal(plain.version, undefined);
});

test("what is no blob is refused", async () => {
  const why = async (blob: Buffer) => {
    const it = await failure(image(), blob);
    return it.kind === "blob-not-sea" ? it.why : it.kind;
  };
  assert.equal(await why(Buffer.alloc(0)), "empty");
  assert.equal(await why(Buffer.from("console.log()")), "magic");
  assert.equal(await why(blobOf("x", "not a version")), "trailer");
});

test("a missing file and an unwritable folder say so", async () => {
  const blob = file(blobOf("x"));
  await assert.rejects(
    inject({ base: join(dir, "none"), blob, out: join(dir, "o") }),
    (error: Failure<"sea">) => {
      assert.deepEqual(error.failure, {
        kind: "sea-file",
        operation: "read",
        path: join(dir, "none"),
        code: "ENOENT",
      });
      return true;
    },
  );
  const out = join(dir, "no-folder", "o");
  await assert.rejects(inject({ base: file(image()), blob, out }), (error: Failure<"sea">) => {
    assert.equal(error.failure.kind, "sea-file");
    return true;
  });
});

test("an output that is the base, under whatever name, leaves the base alone", async () => {
  const bytes = image();
  const base = file(bytes);
  const link = join(dir, "link-to-base");
  symlinkSync(base, link);
  for (const [from, to] of [
    [base, base],
    [link, base],
    [base, link],
  ] as const) {
    const refused = (error: Failure<"sea">) => error.failure.kind === "output-is-input";
    await assert.rejects(inject({ base: from, blob: file(blobOf("x")), out: to }), refused);
    await assert.rejects(stripBase({ base: from, out: to }), refused);
    assert.deepEqual(readFileSync(base), bytes);
  }
});

test("stripping keeps all that is loaded and drops what is not", async () => {
  const base = image({ tail: 5000 });
  const out = join(dir, "stripped");
  const report = await stripBase({ base: file(base, 0o755), out });
  assert.deepEqual(report, { from: base.length, to: base.length - 5000, symbols: undefined });
  assert.deepEqual(readFileSync(out), base.subarray(0, base.length - 5000));
});

test("stripping takes the section table's fields out of the header", async () => {
  const base = image({ tail: 64 * 4 });
  base.writeBigUInt64LE(BigInt(base.length - 256), 40);
  base.set([64, 0, 4, 0, 3, 0], 58);
  const out = join(dir, "sectionless");
  await stripBase({ base: file(base), out });
  const bytes = readFileSync(out);
  assert.equal(bytes.readBigUInt64LE(40), 0n);
  assert.deepEqual([...bytes.subarray(60, 64)], [0, 0, 0, 0]);
});

test("what is added may only be read, and what Node has stays as it is", () => {
  const segment = { type: 1, flags: 5, offset: 0, vaddr: 0, paddr: 0, filesz: 1, memsz: 1, align: 4096 };
  const relro = { ...segment, type: 0x6474e552, flags: 4 };
  const stack = { ...segment, type: 0x6474e551, flags: 6 };
  const [base, added] = [[segment, relro, stack], { ...segment, flags: 4, vaddr: 8192 }];
  assert.equal(keepsProtections(base, [...base, added]), true);
  assert.equal(keepsProtections(base, [...base, { ...added, flags: 6 }]), false);
  assert.equal(keepsProtections(base, [...base, { ...added, flags: 5 }]), false);
  assert.equal(keepsProtections(base, [segment, stack, added]), false, "without RELRO");
  assert.equal(
    keepsProtections(base, [segment, relro, { ...stack, flags: 7 }]),
    false,
    "an executable stack",
  );
});

test("the name of ICU's folder is ended before it begins, and nothing else changes", async () => {
  const name = "ICU_TIMEZONE_FILES_DIR\0";
  const base = image({ data: `node.js/v24.21.0 and ${FUSE_OFF}\0${name}` });
  const at = base.indexOf(name);
  const out = join(dir, "silenced");
  await inject({ base: file(base), blob: file(blobOf("x")), out });
  assert.equal(readFileSync(out).toString("latin1", at, at + name.length), `\0${name.slice(1)}`);
});
