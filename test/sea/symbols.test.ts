import assert from "node:assert/strict";
import { test } from "node:test";
import { lookUp, makeGnuHash, readGnuHash } from "../../toolchain/src/sea/gnu-hash.ts";
import { isKept } from "../../toolchain/src/sea/keep.ts";
import { BadTables, pruneSymbols, readSymbols, saySame } from "../../toolchain/src/sea/symbols.ts";
import { tablesOf } from "./tables.ts";

test("every name is found in a hash table, and no other", () => {
  for (const count of [0, 1, 2, 7, 500]) {
    const names = Array.from({ length: count }, (_, index) => `name_${index}`);
    const { bytes, order } = makeGnuHash(names, 3);
    const table = readGnuHash(bytes);
    if (count === 0) continue;
    assert.ok(table);
    assert.equal(table.count, 3 + count);
    const at = (index: number) => names[order[index - 3] as number];
    for (const name of names) {
      const found = lookUp(table, name, (index) => at(index) === name);
      assert.equal(found === undefined ? undefined : at(found), name);
    }
    assert.equal(
      lookUp(table, "other", (index) => at(index) === "other"),
      undefined,
    );
  }
});

test("what addons, the C++ library and the C library need is kept", () => {
  for (const name of [
    "napi_create_function",
    "node_api_create_syntax_error",
    "uv_loop_init",
    "_ZNSt6vectorIiSaIiEE9push_backERKi",
    "_ZNKSt7__cxx1112basic_stringIcSt11char_traitsIcESaIcEE4sizeEv",
    "_ZTVN10__cxxabiv120__si_class_type_infoE",
    "_ZTISt9exception",
    "_ZGVNSt7__cxx118numpunctIcE2idE",
    "_ZStplIcSt11char_traitsIcESaIcEE",
    "_Znwm",
    "__bss_start",
    "_IO_stdin_used",
  ])
    assert.equal(isKept(name), true, name);
  for (const name of [
    "_ZN2v87Isolate10GetCurrentEv",
    "_ZN4node5StartEiPPc",
    "SSL_new",
    "inflate",
    "icudt78_dat",
    "_ZNK2v85Value7IsArrayEv",
    "v8dbg_type_Map__MAP_TYPE",
  ])
    assert.equal(isKept(name), false, name);
});

test("pruning keeps what is imported, referred to or needed, and all of it means the same", () => {
  const before = tablesOf();
  const after = pruneSymbols(before, [before.strings.indexOf("libc.so.6")], 1);
  const names = readSymbols(after).map(({ name }) => name);
  assert.deepEqual(names.slice(0, 3), ["", "write", "read"]);
  assert.deepEqual(names.slice(3).sort(), ["_ZTISt9exception", "environ", "napi_throw", "used"]);
  assert.equal(after.before, 9);
  assert.equal(after.kept, 7);
  assert.ok(saySame(before, after, 1));
  const [moved] = after.moved.values();
  assert.equal(after.strings.toString("latin1", moved, (moved ?? 0) + 9), "libc.so.6");
  const [relocations] = after.relocations;
  assert.equal(names[relocations?.readUInt32LE(12) ?? -1], "used");
  assert.equal(relocations?.readUInt32LE(8), 6, "the type of a relocation stays");
});

test("tables that say something else are told apart", () => {
  const before = tablesOf();
  const after = pruneSymbols(before, [], 1);
  for (const key of ["symbols", "strings", "versions", "hash"] as const) {
    const changed = Buffer.from(after[key]);
    const at = key === "hash" ? changed.length - 4 : changed.length - 2;
    changed.writeUInt8(changed.readUInt8(at) ^ 0x10, at);
    assert.equal(saySame(before, { ...after, [key]: changed }, 1), false, key);
  }
});

test("tables that contradict each other are refused", () => {
  const tables = tablesOf();
  const relocations = Buffer.from(tables.relocations[0] as Buffer);
  relocations.writeUInt32LE(99, 12);
  const bad = [
    { ...tables, relocations: [relocations] },
    { ...tables, versions: tables.versions.subarray(2) },
    { ...tables, strings: tables.strings.subarray(0, 20) },
    { ...tables, hash: tables.hash.subarray(0, 20) },
    { ...tables, needs: tables.needs.subarray(0, 20) },
  ];
  for (const one of bad) assert.throws(() => pruneSymbols(one, [], 1), BadTables);
});

test("a list of needed versions of which parts lie over each other is refused", () => {
  const tables = tablesOf();
  const needs = Buffer.alloc(64);
  tables.needs.copy(needs);
  // Two versions, of which the second begins in the first: its name is what says where the second is.
  needs.writeUInt16LE(2, 2);
  needs.writeUInt32LE(4, 28);
  assert.throws(() => pruneSymbols({ ...tables, needs }, [], 1), BadTables);
});
