import assert from "node:assert/strict";
import { test } from "node:test";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { type Cut, cutSegments, piecesOf, wholePages } from "../../toolchain/src/sea/cut.ts";
import { PF_R, PT_LOAD, PT_NOTE, type Segment } from "../../toolchain/src/sea/elf.ts";

const segment = (type: number, offset: number, filesz: number, more: Partial<Segment> = {}): Segment => ({
  type,
  flags: PF_R,
  offset,
  vaddr: 0x400000 + offset,
  paddr: 0x400000 + offset,
  filesz,
  memsz: filesz,
  align: 0x1000,
  ...more,
});

const SEGMENTS = [
  segment(PT_LOAD, 0, 0x8000),
  segment(PT_NOTE, 0x7000, 0x20, { align: 4 }),
  segment(PT_LOAD, 0x10000, 0x1000, { align: 0x10000, memsz: 0x3000 }),
];
const CUT: Cut = { offset: 0x2000, size: 0x3000, leaves: "nothing" };

const brief = (segments: readonly Segment[]) =>
  segments.map(({ type, offset, vaddr, filesz, memsz, align }) =>
    [type, offset, vaddr - 0x400000, filesz, memsz, align].map((one) => one.toString(16)).join(" "),
  );

test("a segment is split around a cut, addresses stay, and what follows moves down", () => {
  assert.deepEqual(brief(cutSegments(SEGMENTS, [CUT], 0x1000, "base")), [
    "1 0 0 2000 2000 1000",
    "1 2000 5000 3000 3000 1000",
    "4 4000 7000 20 20 4",
    // The offset is no longer what the larger alignment asks for; pages are what the kernel needs.
    "1 d000 10000 1000 3000 1000",
  ]);
});

test("zeroes in the place of a cut are a segment that has nothing in the file", () => {
  const cut = cutSegments(SEGMENTS, [{ ...CUT, leaves: "zeroes" }], 0x1000, "base");
  assert.deepEqual(brief(cut).slice(0, 3), [
    "1 0 0 2000 2000 1000",
    "1 2000 2000 0 3000 1000",
    "1 2000 5000 3000 3000 1000",
  ]);
});

test("a cut that would tear a note, or reaches past a segment, is refused", () => {
  for (const cut of [
    { ...CUT, offset: 0x6000, size: 0x2000 },
    { ...CUT, offset: 0x7000, size: 0x1000 },
    { ...CUT, offset: 0x9000 },
    { ...CUT, offset: 0x2001 },
  ])
    assert.throws(() => cutSegments(SEGMENTS, [cut], 0x1000, "base"), Failure);
});

test("pieces are what lies between the cuts", () => {
  assert.deepEqual(piecesOf(0x9000, [CUT, { ...CUT, offset: 0x6000, size: 0x1000 }]), [
    { from: 0, to: 0, size: 0x2000 },
    { from: 0x5000, to: 0x2000, size: 0x1000 },
    { from: 0x7000, to: 0x3000, size: 0x2000 },
  ]);
  assert.deepEqual(piecesOf(10, []), [{ from: 0, to: 0, size: 10 }]);
});

test("only whole pages are cut", () => {
  assert.deepEqual(wholePages(0x1001, 0x2fff, 0x1000), { offset: 0x2000, size: 0x2000 });
  assert.equal(wholePages(0x1001, 0x1ffe, 0x1000), undefined);
});
