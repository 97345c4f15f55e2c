import assert from "node:assert/strict";
import { closeSync, openSync, readSync } from "node:fs";
import { Failure } from "../../toolchain/src/base/failure.ts";
import {
  contentEnd,
  type Header,
  loadsOf,
  PT_NOTE,
  readHeader,
  readSegments,
  type Segment,
} from "../../toolchain/src/sea/elf.ts";
import { encodeSegments } from "../../toolchain/src/sea/elf-write.ts";
import type { SeaFailure } from "../../toolchain/src/sea/failures.ts";
import { findFuses, findVersion, fuseState, namesVersion } from "../../toolchain/src/sea/fuse.ts";
import { headersWhereKernelsSay, planInjection } from "../../toolchain/src/sea/layout.ts";
import { findBlobNote } from "../../toolchain/src/sea/note.ts";
import { readBlobShape } from "../../toolchain/src/sea/trailer.ts";
import { nodePackage } from "../build/nodes.ts";
import { blobOf, image, note } from "../sea/images.ts";
import { random } from "./random.ts";

/** An input: the first bytes of a file, and how large the whole is said to be. */
interface Input {
  readonly bytes: Buffer;
  readonly size: number;
}

export interface Summary {
  readonly inputs: number;
  /** How many inputs had a place for the blob. */
  readonly placed: number;
  /** How many inputs ended in each kind of failure. */
  readonly failures: Readonly<Record<string, number>>;
  /** The longest time that any input took, in milliseconds. */
  readonly slowest: number;
}

/** How many bytes of a real base are mutated: its headers, and what follows them. */
const HEAD = 8192;

function headOf(path: string): Buffer {
  const descriptor = openSync(path, "r");
  const bytes = Buffer.alloc(HEAD);
  const length = readSync(descriptor, bytes, 0, HEAD, 0);
  closeSync(descriptor);
  return bytes.subarray(0, length);
}

async function seeds(): Promise<Input[]> {
  const arch = process.arch === "arm64" ? "arm64" : "x64";
  const real = [process.execPath, "/bin/sh", (await nodePackage(arch, "24.21.0")).node].map(headOf);
  const made = (["x64", "arm64"] as const).flatMap((machine) => [
    image({ arch: machine }).subarray(0, HEAD),
    image({ arch: machine, pie: true, bss: 1 << 20 }).subarray(0, HEAD),
  ]);
  return [...real, ...made].map((bytes) => ({ bytes, size: 2 ** 27 }));
}

/** Values at the edges of what fields can hold. */
const EDGES = [
  0n,
  1n,
  7n,
  0x38n,
  0x1000n,
  0x10000n,
  0x7fffffffn,
  0xffffffffn,
  2n ** 47n,
  2n ** 53n,
  2n ** 63n,
  2n ** 64n - 1n,
];

/** One to eight changes, most of them in the headers, and now and then another length. */
function mutate({ bytes, size }: Input, below: (limit: number) => number): Input {
  const copy = Buffer.from(bytes);
  const span = below(4) === 0 ? copy.length : Math.min(copy.length, 64 + 16 * 56);
  for (let change = below(8); change >= 0; change--) {
    const at = below(span);
    const word = Math.min(at & ~7, copy.length - 8);
    const kind = below(4);
    if (kind === 0) copy[at] = below(256);
    else if (kind === 1) copy[at] = copy[at]! ^ (1 << below(8));
    else if (kind === 2) copy.writeBigUInt64LE(EDGES[below(EDGES.length)]!, word);
    else
      copy.writeBigUInt64LE(
        BigInt.asUintN(64, copy.readBigUInt64LE(word) + BigInt(below(0x4000) - 0x2000)),
        word,
      );
  }
  if (below(16) === 0) return { bytes: copy.subarray(0, below(copy.length)), size: below(copy.length) };
  return { bytes: copy, size: below(8) === 0 ? below(size) : size };
}

/** Throws an AssertionError if a place for the blob breaks what the kernel or Node needs. */
function checkPlace(header: Header, segments: readonly Segment[], size: number, blobSize: number): void {
  const source = { path: "fuzzed", size };
  const layout = planInjection(header, segments, source, blobSize);
  assert.ok(headersWhereKernelsSay(layout.phoff, layout.segments));
  const inPlace = layout.phoff === header.phoff;
  assert.ok(inPlace ? layout.segments.length <= header.phnum : layout.phoff >= size);
  assert.ok(inPlace || layout.noteOffset >= layout.phoff + layout.segments.length * 56);
  assert.ok(layout.noteOffset >= size);
  assert.ok(layout.blobOffset + blobSize <= layout.size && Number.isSafeInteger(layout.size));
  let end = 0;
  for (const load of loadsOf(layout.segments)) {
    assert.ok(load.vaddr >= end);
    end = load.vaddr + load.memsz;
  }
  const again = { ...header, phoff: layout.phoff, phnum: layout.segments.length, shoff: 0, shnum: 0 };
  const table = encodeSegments(layout.segments);
  assert.deepEqual(readSegments(table, again, { path: "fuzzed", size: layout.size }), layout.segments);
}

function readAll({ bytes, size }: Input, blobSize: number): void {
  const source = { path: "fuzzed", size };
  const header = readHeader(bytes.subarray(0, 64), source);
  const table = bytes.subarray(header.phoff, header.phoff + header.phnum * 56);
  const segments = readSegments(table, header, source);
  assert.ok(contentEnd(header, segments) <= size);
  for (const { type, offset, filesz } of segments) {
    if (type === PT_NOTE) findBlobNote(bytes.subarray(offset, offset + filesz));
  }
  checkPlace(header, segments, size, blobSize);
}

/** Looks at bytes that the injector searches and does not parse: for notes, fuses, versions and blobs. */
function search(bytes: Buffer): void {
  const found = findBlobNote(bytes);
  assert.ok(found === undefined || (found.at >= 28 && found.size <= 0xffffffff));
  for (const at of findFuses(bytes)) assert.notEqual(fuseState(bytes, at), undefined);
  const version = findVersion(bytes);
  if (version !== undefined) assert.ok(namesVersion(bytes, version));
  readBlobShape(bytes.subarray(0, 4), bytes.subarray(-48), { path: "fuzzed", size: bytes.length });
}

const REACHED: readonly SeaFailure["kind"][] = [
  "base-not-elf",
  "base-truncated",
  "base-wrong-machine",
  "base-odd-headers",
  "no-room",
  "blob-not-sea",
];

/** A run in which no input got to the end, or none to a failure, has tested less than it seems. */
function checkReach(inputs: number, placed: number, failures: Readonly<Record<string, number>>): void {
  assert.ok(placed > inputs / 20, `only ${placed} of ${inputs} inputs found a place`);
  for (const kind of REACHED) assert.ok((failures[kind] ?? 0) > 0, `${kind} never happened`);
}

/**
 * Mutates the headers of real and made executables, notes and blobs. Each must end in a result that holds what the
 * kernel needs, or in a failure with a name; anything else is thrown, with the seed and the number of the input.
 */
export async function fuzzSea({ inputs, seed = 1 }: { inputs: number; seed?: number }): Promise<Summary> {
  const below = random(seed);
  const bases = await seeds();
  const words = `text node.js/v24.21.0 NODE_SEA_FUSE_fce680ab2cc467b6e072b8b5df1996b2:0 text`;
  const notes = Buffer.concat([note("GNU\0", Buffer.alloc(20)), note("NODE_SEA_BLOB\0", Buffer.from(words))]);
  const searched = [notes, Buffer.from(words), blobOf(words)].map((bytes) => ({ bytes, size: bytes.length }));
  const failures: Record<string, number> = {};
  let placed = 0;
  let slowest = 0;
  for (let index = 0; index < inputs; index++) {
    const start = performance.now();
    try {
      if (index % 8 === 0) search(mutate(searched[below(searched.length)]!, below).bytes);
      else {
        readAll(mutate(bases[below(bases.length)]!, below), below(2 ** 31));
        placed++;
      }
    } catch (error) {
      if (!(error instanceof Failure)) throw new Error(`seed ${seed}, input ${index}`, { cause: error });
      const { kind } = error.failure as SeaFailure;
      failures[kind] = (failures[kind] ?? 0) + 1;
    }
    slowest = Math.max(slowest, performance.now() - start);
  }
  if (inputs >= 10_000) checkReach(inputs, placed, failures);
  return { inputs, placed, failures, slowest };
}
