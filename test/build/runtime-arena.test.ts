import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  type ArenaMap,
  openPinned,
  type Program,
  type Skeleton,
  type SkeletonClass,
  StateError,
  type StructCodec,
  u32,
  u64,
  type View,
} from "../../toolchain/src/runtime/index.ts";
import { skeleton } from "./runtime/make.ts";

interface Node {
  next: bigint;
  value: number;
  name: string;
}

interface Arena extends Skeleton {
  readonly maps: { readonly arena: ArenaMap };
  readonly progs: Readonly<Record<"allocates" | "adds" | "counts", Program>>;
  readonly bss: { head: bigint; sum: number };
  readonly arena: { readonly first: View & Node; calls: bigint };
}

interface Module {
  readonly arena: SkeletonClass<Arena>;
  readonly node: StructCodec<Node, View & Node>;
}

let module: Module;
let skel: Arena;
before(async () => {
  module = await skeleton<Module>("arena");
  skel = module.arena.openAndLoad();
});
after(() => skel?.destroy());

test("the program allocates a page, and what it writes there is read in place", () => {
  const { maps, progs, bss } = skel;
  assert.equal(progs.allocates.testRun().retval, 0);
  const at = maps.arena.offset(bss.head);
  assert.equal(at % 4096, 0);
  assert.deepEqual(maps.arena.get(module.node, at), { next: 0n, value: 42, name: "k" });
  const view = maps.arena.view(module.node, bss.head);
  assert.deepEqual([view.value, view.name], [42, "k"]);
  view.value = 43;
  progs.adds.testRun();
  assert.equal(bss.sum, 43);
});

test("the program follows pointers that user space has stored, into pages that nobody has allocated", () => {
  const { maps, progs, bss } = skel;
  const { arena } = maps;
  const [first, second] = [12 * 4096 + 16, 14 * 4096];
  arena.set(module.node, first, { next: arena.base + BigInt(second), value: 5, name: "first" });
  arena.set(module.node, second, { next: bss.head, value: 7, name: "second" });
  bss.head = arena.base + BigInt(first);
  progs.adds.testRun();
  assert.equal(bss.sum, 43 + 5 + 7);
  assert.equal(arena.get(u64, first), arena.base + BigInt(second));
  assert.equal(arena.memory.u32[(first + 8) / 4], 5);
});

test("an arena is as large as its pages; what lies outside or askew is refused", () => {
  const { arena } = skel.maps;
  assert.equal(arena.maxEntries, 16);
  const end = 16 * 4096;
  assert.equal(arena.memory.u8.length, end);
  arena.set(u32, end - 4, 1);
  assert.throws(() => arena.set(u32, end, 1), /arena has no place for .* at 65536: it has 65536 bytes/);
  assert.throws(() => arena.get(u32, -4), RangeError);
  assert.throws(() => arena.get(u32, 2), /has to be a multiple of 4/);
  assert.throws(() => arena.view(module.node, end - 8), RangeError);
  assert.throws(() => arena.offset(arena.base - 1n), /does not point into arena/);
  assert.throws(() => arena.get(u32, arena.base + BigInt(end)), RangeError);
});

test("its size can be set before load; its memory is there from load on, and gone with the skeleton", () => {
  const mapped = () =>
    readFileSync("/proc/self/maps", "utf8")
      .split("\n")
      .filter((line) => /bpf.map/.test(line)).length;
  const before = mapped();
  const other = module.arena.open();
  const { arena } = other.maps;
  assert.throws(() => arena.memory, StateError);
  arena.setMaxEntries(4);
  other.load();
  const { memory } = arena;
  assert.equal(memory.buffer.byteLength, 4 * 4096);
  assert.ok(mapped() > before);
  memory.u32[0] = 7;
  assert.equal(arena.memory, memory);
  other.destroy();
  assert.deepEqual([memory.buffer.byteLength, memory.u32.length, memory.u32[0]], [0, 0, undefined]);
  assert.throws(() => arena.memory, StateError);
  assert.throws(() => arena.base, StateError);
  assert.equal(mapped(), before);
});

test("globals in the arena are written before load, shared after it, and read to the last", () => {
  const other = module.arena.open();
  const { maps, progs, arena } = other;
  assert.deepEqual([arena.first.value, arena.first.name, arena.calls], [5, "first", 0n]);
  arena.first.value = 10;
  maps.arena.setMaxEntries(4);
  assert.throws(() => maps.arena.setValueSize(64), { code: "EINVAL" });
  other.load();
  assert.deepEqual([arena.first.value, arena.first.name], [10, "first"]);
  progs.counts.testRun();
  progs.counts.testRun();
  assert.deepEqual([arena.first.value, arena.calls], [12, 2n]);
  arena.calls = 7n;
  progs.counts.testRun();
  assert.equal(arena.calls, 8n);
  // The program has stored where the variable is: it is the same memory.
  assert.equal(maps.arena.get(module.node, other.bss.head).value, 13);
  other.destroy();
  assert.deepEqual([arena.first.value, arena.calls], [13, 8n]);
});

test("an arena that was pinned has no memory here, and its error says why", () => {
  const folder = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  execFileSync("mount", ["-t", "bpf", "bpf", folder]);
  try {
    skel.maps.arena.pin(`${folder}/arena`);
    using found = openPinned<ArenaMap>(`${folder}/arena`);
    assert.equal(found.maxEntries, 16);
    assert.throws(() => found.memory, { name: "StateError", message: /not the skeleton's own arena/ });
    using other = module.arena.open();
    assert.throws(() => other.maps.arena.reuse(skel.maps.arena), { code: "EINVAL" });
  } finally {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  }
});
