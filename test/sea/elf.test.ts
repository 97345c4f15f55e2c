import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { contentEnd, loadsOf, readHeader, readSegments, type Segment } from "../../toolchain/src/sea/elf.ts";
import type { HeaderFault, SeaFailure } from "../../toolchain/src/sea/failures.ts";
import { headersWhereKernelsSay, planInjection } from "../../toolchain/src/sea/layout.ts";
import { findBlobNote } from "../../toolchain/src/sea/note.ts";
import { image, note, type Recipe } from "./images.ts";

function read(bytes: Buffer, size = bytes.length) {
  const source = { path: "node", size };
  const header = readHeader(bytes.subarray(0, 64), source);
  const table = bytes.subarray(header.phoff, header.phoff + header.phnum * 56);
  return { source, header, segments: readSegments(table, header, source) };
}

function failureOf(work: () => unknown): SeaFailure {
  try {
    work();
  } catch (error) {
    assert.ok(error instanceof Failure, String(error));
    return error.failure as SeaFailure;
  }
  assert.fail("nothing was thrown");
}

function changed(at: number, ...values: number[]): Buffer {
  const bytes = image();
  bytes.set(values, at);
  return bytes;
}

test("headers that are not of an executable we can take are named failures", () => {
  const kinds = (bytes: Buffer) => failureOf(() => read(bytes)).kind;
  assert.equal(kinds(Buffer.from("#!/bin/sh\n")), "base-not-elf");
  assert.equal(kinds(Buffer.alloc(0)), "base-not-elf");
  assert.equal(kinds(image().subarray(0, 63)), "base-truncated");
  assert.equal(kinds(changed(4, 1)), "base-not-64-bit-little-endian");
  assert.equal(kinds(changed(5, 2)), "base-not-64-bit-little-endian");
  assert.equal(kinds(changed(16, 1)), "base-not-executable");
  assert.deepEqual(
    failureOf(() => read(changed(18, 243))),
    { kind: "base-wrong-machine", path: "node", machine: 243 },
  );
});

test("a file cut short is told from one with odd headers", () => {
  const whole = image({ tail: 0 });
  assert.deepEqual(
    failureOf(() => read(whole, whole.length - 1)),
    { kind: "base-truncated", path: "node", size: whole.length - 1, needs: whole.length },
  );
  assert.equal(failureOf(() => read(whole, 100)).kind, "base-truncated");
});

const patch = (at: number, change: Partial<Segment>) => (segments: Segment[]) =>
  segments.map((segment, index) => (index === at ? { ...segment, ...change } : segment));

/** Segments of the image: 0 its own headers, 1 and 2 loaded, 3 a note. */
const ODD: readonly [what: string, fault: HeaderFault, change: (segments: Segment[]) => Segment[]][] = [
  ["nothing loaded", "no-load-segment", (all) => all.map((segment) => ({ ...segment, type: 0 }))],
  ["loads swapped", "loads-not-ascending", ([a, b, c, d]) => [a!, c!, b!, d!]],
  ["loads overlapping", "loads-not-ascending", patch(1, { memsz: 0x1001 })],
  ["address unlike offset", "load-misaligned", patch(2, { vaddr: 0x401001 })],
  ["alignment of 3", "load-misaligned", patch(2, { align: 3 })],
  ["more in the file than in memory", "file-size-over-memory-size", patch(2, { memsz: 1 })],
  ["beyond user space", "outside-address-space", patch(2, { memsz: 2 ** 50 })],
  ["first load not on a page", "first-load-offset", patch(1, { vaddr: 0x400008, align: 8 })],
  ["two header segments", "several-phdr-segments", ([a, b, c]) => [a!, b!, c!, a!]],
  ["headers elsewhere", "program-headers-not-loaded", patch(0, { vaddr: 0x400080 })],
];

for (const [what, fault, change] of ODD) {
  test(`segments no linker writes: ${what}`, () => {
    const bytes = image({ change });
    assert.deepEqual(
      failureOf(() => read(bytes)),
      { kind: "base-odd-headers", path: "node", fault },
    );
  });
}

test("values beyond 2^53 are refused, not rounded", () => {
  const bytes = image();
  bytes.writeBigUInt64LE(2n ** 64n - 1n, 64 + 3 * 56 + 24);
  assert.deepEqual(
    failureOf(() => read(bytes)),
    { kind: "base-odd-headers", path: "node", fault: "outside-address-space" },
  );
});

test("what is loaded ends before symbols and debug information", () => {
  const { header, segments } = read(image({ data: "12345", tail: 77 }));
  assert.equal(contentEnd(header, segments), 0x1005);
});

const SHAPES: readonly Recipe[] = [
  { arch: "x64", pie: false },
  { arch: "x64", pie: true },
  { arch: "arm64", pie: false },
  { arch: "arm64", pie: true },
  { arch: "x64", pie: false, bss: 0 },
  { arch: "arm64", pie: true, bss: 3 << 20, tail: 5 << 20 },
];

for (const shape of SHAPES) {
  test(`the new segment is where every kernel finds it: ${JSON.stringify(shape)}`, () => {
    const { header, segments, source } = read(image(shape));
    const layout = planInjection(header, segments, source, 1000);
    const before = loadsOf(segments);
    const after = loadsOf(layout.segments);
    const added = after.at(-1)!;
    assert.deepEqual(after.slice(0, -1), before);
    assert.equal(added.vaddr - added.offset, before[0]!.vaddr - before[0]!.offset);
    assert.equal(added.vaddr % header.page, 0);
    assert.ok(added.vaddr >= before.at(-1)!.vaddr + before.at(-1)!.memsz, "past .bss");
    assert.ok(added.offset >= source.size, "past the base");
    assert.equal(added.offset + added.filesz, layout.size);
    assert.equal(layout.blobOffset % 16, 0);
    assert.ok(headersWhereKernelsSay(layout.phoff, layout.segments));
  });
}

test("program headers in a segment at another distance would be misread before Linux 5.18", () => {
  const { header, segments, source } = read(image());
  const { phoff, segments: good } = planInjection(header, segments, source, 10);
  const moved = good.map((segment) =>
    segment.offset >= phoff ? { ...segment, vaddr: segment.vaddr + 0x10000 } : segment,
  );
  assert.equal(headersWhereKernelsSay(phoff, moved), false);
});

test("program headers with room for more stay in place only where they are loaded whole", () => {
  const { header, segments, source } = read(image());
  const roomy = { ...header, phnum: segments.length + 2 };
  const nothing = { type: 0, flags: 0, offset: 0, vaddr: 0, paddr: 0, filesz: 0, memsz: 0, align: 0 };
  const end = header.phoff + roomy.phnum * 56;
  const first = loadsOf(segments)[0]!;
  const upTo = (end: number) => [
    ...segments.map((one) => (one === first ? { ...one, filesz: end, memsz: end } : one)),
    nothing,
    nothing,
  ];
  assert.equal(planInjection(roomy, upTo(end), source, 10).phoff, header.phoff);
  const moved = planInjection(roomy, upTo(end - 1), source, 10);
  assert.ok(moved.phoff >= source.size);
  assert.ok(headersWhereKernelsSay(moved.phoff, moved.segments));
});

test("a blob for which there is no room is refused", () => {
  const { header, segments, source } = read(image());
  const why = (bss: number, size: number) => {
    const failure = failureOf(() => {
      const wide = segments.map((s, at) => (at === 2 ? { ...s, memsz: s.filesz + bss } : s));
      planInjection(header, wide, source, size);
    });
    return failure.kind === "no-room" ? failure.why : failure.kind;
  };
  assert.equal(why(0, 2 ** 32), "blob-over-4-gib");
  assert.equal(why(1 << 30, 10), "gap");
});

test("the blob's note is found behind others, and by its whole name", () => {
  const other = note("GNU\0", Buffer.from("12345"));
  const blob = note("NODE_SEA_BLOB\0", Buffer.from("blob"));
  assert.deepEqual(findBlobNote(Buffer.concat([other, blob])), { at: other.length + 28, size: 4 });
  assert.equal(findBlobNote(note("NODE_SEA_BLOBS\0", Buffer.from("blob"))), undefined);
  assert.equal(findBlobNote(Buffer.concat([other, blob.subarray(0, 20)])), undefined);
});
