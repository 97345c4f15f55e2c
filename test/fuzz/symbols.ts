import assert from "node:assert/strict";
import { Failure } from "../../toolchain/src/base/failure.ts";
import { placesOf, readTags } from "../../toolchain/src/sea/dynamic.ts";
import { lookUp, readGnuHash } from "../../toolchain/src/sea/gnu-hash.ts";
import { findParts } from "../../toolchain/src/sea/parts.ts";
import { BadTables, pruneSymbols, type SymbolTables, saySame } from "../../toolchain/src/sea/symbols.ts";
import { decodeTrim, encodeTrim } from "../../toolchain/src/sea/trim-file.ts";
import { tablesOf } from "../sea/tables.ts";
import { type Below, random } from "./random.ts";

const SEGMENT = { type: 1, flags: 4, offset: 0, vaddr: 0, paddr: 0, filesz: 2048, memsz: 2048, align: 4096 };
const TAGS = [
  [1, 24],
  [5, 0x200],
  [6, 0x100],
  [7, 0x300],
  [8, 24],
  [9, 24],
  [10, 64],
  [11, 24],
  [20, 7],
  [23, 0x340],
  [2, 24],
  [0x6ffffef5, 0x40],
  [0x6ffffff0, 0x280],
  [0x6ffffffe, 0x2c0],
  [0x6fffffff, 1],
  [0, 0],
] as const;

function changed(bytes: Uint8Array, below: Below): Buffer {
  const copy = Buffer.from(bytes);
  for (let change = below(4); change > 0 && copy.length > 0; change--) {
    const at = below(copy.length);
    copy[at] = below(2) === 0 ? below(256) : (copy[at] as number) ^ (1 << below(8));
  }
  return below(16) === 0 ? copy.subarray(0, below(copy.length + 1)) : copy;
}

/** Tables of symbols either are refused, or the tables that are made of them say the same. */
function prune(below: Below): boolean {
  const plain = tablesOf();
  const tables: SymbolTables = {
    hash: changed(plain.hash, below),
    symbols: changed(plain.symbols, below),
    strings: changed(plain.strings, below),
    versions: changed(plain.versions, below),
    needs: changed(plain.needs, below),
    relocations: plain.relocations.map((table) => changed(table, below)),
  };
  const count = below(8) === 0 ? below(2 ** 31) : 1;
  try {
    const made = pruneSymbols(tables, [below(80)], count);
    assert.ok(saySame(tables, made, count), "the new tables say something else");
    return true;
  } catch (error) {
    if (!(error instanceof BadTables)) throw error;
    return false;
  }
}

function readTables(below: Below): void {
  const hash = readGnuHash(changed(tablesOf().hash, below));
  if (hash !== undefined) lookUp(hash, "used", () => false);
  const tags = Buffer.alloc(TAGS.length * 16);
  TAGS.forEach(([tag, value], at) => {
    tags.writeBigUInt64LE(BigInt(tag), at * 16);
    tags.writeBigUInt64LE(BigInt(value), at * 16 + 8);
  });
  const read = readTags(changed(tags, below));
  if (read !== undefined) placesOf(read, [SEGMENT]);
}

function readTrim(below: Below): void {
  const data = Buffer.from("data");
  const one = { what: "locales", offset: 100, size: 50, data, tail: data, leaves: "nothing" } as const;
  const bytes = changed(encodeTrim({ baseSize: 1000, replacements: [one] }), below);
  try {
    for (const { offset, size, data, tail } of decodeTrim(bytes, "trim", { path: "base", size: 1000 })
      .replacements)
      assert.ok(data.length + tail.length <= size && offset + size <= 1000);
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
  }
}

async function lookForParts(below: Below): Promise<void> {
  const text = 'xx\x20\0\xda\x27\x14\0\0\0\0\0\x02\0\0\0CmnD\x01\0\0\0 Buffer2.from("AGFzbQEAAAA", "base64")';
  const bytes = changed(Buffer.from(text, "latin1"), below);
  const read = async (at: number, length: number) => bytes.subarray(at, at + length);
  assert.deepEqual(await findParts(read, [{ ...SEGMENT, filesz: bytes.length }]), []);
}

/** Mutates the tables that a Node is made smaller by. */
export async function fuzzSymbols({ inputs, seed = 1 }: { inputs: number; seed?: number }) {
  const below = random(seed);
  let pruned = 0;
  for (let index = 0; index < inputs; index++) {
    try {
      if (index % 8 === 0) readTables(below);
      else if (index % 8 === 1) readTrim(below);
      else if (index % 64 === 2) await lookForParts(below);
      else if (prune(below)) pruned++;
    } catch (error) {
      throw new Error(`seed ${seed}, input ${index}`, { cause: error });
    }
  }
  if (inputs >= 10_000) assert.ok(pruned > inputs / 100, `only ${pruned} tables were made smaller`);
  return { inputs, pruned };
}
