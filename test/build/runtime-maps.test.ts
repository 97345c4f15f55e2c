import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { closeSync, mkdtempSync, openSync, rmdirSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import {
  type ArrayMap,
  type ArrayOfMaps,
  type BloomFilterMap,
  BPF_EXIST,
  BPF_NOEXIST,
  type CgroupArray,
  type HashMap,
  type HashOfMaps,
  Link,
  type LocalStorageMap,
  type LpmTrieMap,
  openPinned,
  type PerCpuArrayMap,
  type PerCpuHashMap,
  type ProgArray,
  type Program,
  type QueueMap,
  type Skeleton,
  type SkeletonClass,
  type SockMap,
  type StackMap,
  type StackTraceMap,
  u64,
} from "../../toolchain/src/runtime/index.ts";
import { Entries } from "../../toolchain/src/runtime/maps/walk.ts";
import { openDescriptors, Subject, skeleton } from "./runtime/make.ts";

interface Pair {
  a: number;
  b: number;
  c: bigint;
}

interface Maps extends Skeleton {
  readonly maps: {
    readonly hash: HashMap<bigint, bigint>;
    readonly lru: HashMap<number, Pair>;
    readonly percpu_hash: PerCpuHashMap<number, bigint>;
    readonly array: ArrayMap<Pair>;
    readonly percpu_array: PerCpuArrayMap<number>;
    readonly mapped: ArrayMap<Pair>;
    readonly routes: LpmTrieMap<{ prefixlen: number; address: Uint8Array }, number>;
    readonly queue: QueueMap<bigint>;
    readonly stack: StackMap<bigint>;
    readonly bloom: BloomFilterMap<bigint>;
    readonly hash_of_maps: HashOfMaps<number, HashMap<number, bigint>>;
    readonly array_of_maps: ArrayOfMaps<HashMap<number, bigint>>;
    readonly programs: ProgArray;
    readonly cgroups: CgroupArray;
    readonly sockets: SockMap;
    readonly stacks: StackTraceMap;
    readonly tasks: LocalStorageMap<bigint>;
  };
  readonly progs: { readonly walk: Program; readonly tail: Program; readonly on_getpgid: Program };
  readonly bss: { found: bigint };
  readonly data: { stack_id: number };
}

let skel: Maps;
let maps: SkeletonClass<Maps>;
before(async () => {
  ({ maps } = await skeleton<{ maps: SkeletonClass<Maps> }>("maps"));
  skel = maps.openAndLoad();
});
after(() => skel?.destroy());

test("hash: what was set is got, absent keys are undefined", () => {
  const { hash } = skel.maps;
  hash.set(1n, 2n);
  assert.equal(hash.get(1n), 2n);
  assert.equal(hash.get(2n), undefined);
  assert.equal(hash.has(1n), true);
  assert.equal(hash.has(2n), false);
  assert.equal(hash.delete(1n), true);
  assert.equal(hash.delete(1n), false);
  hash.set(5n, 2n ** 64n - 1n);
  assert.equal(hash.lookupAndDelete(5n), 2n ** 64n - 1n);
  assert.equal(hash.lookupAndDelete(5n), undefined);
});

test("hash: flags decide whether a key may or must be there", () => {
  const { hash } = skel.maps;
  assert.throws(() => hash.set(1n, 1n, BPF_EXIST), { code: "ENOENT", call: "bpf_map_update_elem" });
  hash.set(1n, 1n, BPF_NOEXIST);
  assert.throws(() => hash.set(1n, 1n, BPF_NOEXIST), { code: "EEXIST", errno: -17 });
  hash.clear();
});

test("hash: a full map says so", () => {
  using small = maps.open();
  small.maps.hash.setMaxEntries(4);
  small.load();
  assert.equal(small.maps.hash.maxEntries, 4);
  for (let i = 0n; i < 4n; i++) small.maps.hash.set(i, i);
  assert.throws(() => small.maps.hash.set(9n, 9n), { code: "E2BIG" });
});

test("hash: batches and iteration see every element once", () => {
  const { hash } = skel.maps;
  hash.updateBatch(Array.from({ length: 5000 }, (_, i) => [BigInt(i), BigInt(2 * i)] as const));
  const seen = new Map(hash);
  assert.equal(seen.size, 5000);
  for (const [key, value] of seen) assert.equal(value, 2n * key);
  assert.equal(new Set(hash.keys()).size, 5000);
  assert.equal(hash.deleteBatch([1n, 99_999n, 3n, 4n]), 3);
  assert.equal([...hash.values()].length, 4997);
  assert.equal([...hash.lookupAndDeleteBatch()].length, 4997);
  assert.deepEqual([...hash], []);
});

test("hash: more elements than a batch has are written, read and deleted, whether all keys are there or not", () => {
  using large = maps.open();
  large.maps.hash.setMaxEntries(30_000);
  large.load();
  const { hash } = large.maps;
  const entries = Array.from({ length: 20_000 }, (_, i) => [BigInt(i), BigInt(2 * i)] as const);
  hash.updateBatch(new Set(entries));
  const seen = new Map(hash);
  assert.equal(seen.size, entries.length);
  for (const [key, value] of entries) assert.equal(seen.get(key), value);
  assert.deepEqual(new Set(hash.keys()), new Set(seen.keys()));
  assert.deepEqual([...hash.values()].sort(), [...seen.values()].sort());
  // Every third is there, at each end of a batch and between.
  const keys = Array.from({ length: 30_000 }, (_, i) => (i % 3 === 0 ? BigInt(i / 3) : BigInt(1e6 + i)));
  assert.equal(hash.deleteBatch(keys), 10_000);
  assert.equal([...hash].length, 10_000);
  hash.clear();
  assert.deepEqual([...hash], []);
});

test("hash: an iteration that ends early is over, and another one sees all", () => {
  const { hash } = skel.maps;
  hash.updateBatch([
    [1n, 10n],
    [2n, 20n],
    [3n, 30n],
  ]);
  const entries = hash.entries();
  for (const _ of entries) break;
  assert.deepEqual([...entries], []);
  assert.equal(hash.keys().take(2).toArray().length, 2);
  assert.deepEqual([...hash.values().map((value) => value + 1n)].sort(), [11n, 21n, 31n]);
  hash.clear();
});

test("hash: a kernel without batches gives the same", () => {
  const { hash } = skel.maps;
  const { elements } = hash;
  const native = { ...elements.native, batch: () => ({ error: -22, count: 0 }) };
  const old = Object.create(elements, { native: { value: native } });
  hash.updateBatch([
    [1n, 10n],
    [2n, 20n],
    [3n, 30n],
  ]);
  const sorted = (entries: Iterable<[bigint, bigint]>) => [...entries].sort(([a], [b]) => Number(a - b));
  // `old` cannot reach the private fields of its prototype, so the calls that use them go to the original.
  for (const call of ["get", "advance", "delete"] as const) old[call] = elements[call].bind(elements);
  const walked = { name: "hash", maxEntries: 100, elements: old };
  assert.deepEqual(sorted(new Entries<bigint, bigint>(walked, "lookup")), sorted(hash));
  assert.equal([...new Entries<bigint, bigint>(walked, "lookupAndDelete")].length, 3);
  assert.deepEqual([...hash], []);
});

test("structs as values, least recently used go", () => {
  const { lru } = skel.maps;
  lru.set(7, { a: 1, b: 2, c: 3n });
  assert.deepEqual(lru.get(7), { a: 1, b: 2, c: 3n });
  lru.set(7, { b: 5 });
  assert.deepEqual(lru.get(7), { a: 0, b: 5, c: 0n });
  assert.throws(() => lru.set(7, Object.assign({ a: 1 }, { bb: 2 })), /has no member bb/);
  assert.deepEqual(lru.get(7), { a: 0, b: 5, c: 0n });
  for (let i = 0; i < 1000; i++) lru.set(i, { a: i, b: 0, c: 0n });
  assert.ok([...lru].length <= 200);
});

test("per-CPU values are arrays of one for each possible CPU", () => {
  const { percpu_hash, percpu_array } = skel.maps;
  const cpus = percpu_array.get(0).length;
  const values = Array.from({ length: cpus }, (_, cpu) => BigInt(cpu + 1));
  percpu_hash.set(1, values);
  assert.deepEqual(percpu_hash.get(1), values);
  assert.deepEqual([...percpu_hash], [[1, values]]);
  assert.throws(() => percpu_hash.set(1, [...values, 1n]), RangeError);
  percpu_array.set(1, values.map(Number));
  assert.deepEqual(percpu_array.get(1), values.map(Number));
});

test("arrays have all their elements and no others", () => {
  const { array } = skel.maps;
  array.set(3, { a: 5, b: 6, c: 7n });
  assert.deepEqual(array.get(3), { a: 5, b: 6, c: 7n });
  assert.equal(array.length, 8);
  assert.equal([...array].length, 8);
  assert.throws(() => array.get(8), RangeError);
  assert.throws(() => array.set(8, { a: 0, b: 0, c: 0n }), { code: "E2BIG" });
  assert.throws(() => array.view(0), /BPF_F_MMAPABLE/);
});

test("a mappable array is the program's memory", () => {
  const { mapped } = skel.maps;
  mapped.set(2, { a: 100, b: 20, c: 3n });
  skel.progs.walk.testRun();
  assert.equal(skel.bss.found, 123n);
  assert.equal(mapped.get(2).a, 101);
  const view = mapped.view(2) as unknown as Pair;
  view.b = 40;
  skel.progs.walk.testRun();
  assert.equal(skel.bss.found, 144n);
  assert.equal(view.a, 102);
  assert.throws(() => mapped.get(8), RangeError);
});

test("lpm_trie finds the longest prefix", () => {
  const { routes } = skel.maps;
  const key = (prefixlen: number, ...address: number[]) => ({ prefixlen, address: Uint8Array.from(address) });
  routes.set(key(8, 10, 0, 0, 0), 1);
  routes.set(key(16, 10, 1, 0, 0), 2);
  assert.equal(routes.get(key(32, 10, 1, 2, 3)), 2);
  assert.equal(routes.get(key(32, 10, 9, 2, 3)), 1);
  assert.equal(routes.get(key(32, 11, 0, 0, 1)), undefined);
  assert.deepEqual([...routes.values()].sort(), [1, 2]);
});

test("queues and stacks keep their order", () => {
  const { queue, stack } = skel.maps;
  for (const value of [1n, 2n, 3n]) {
    queue.push(value);
    stack.push(value);
  }
  assert.throws(() => queue.push(4n), { code: "E2BIG" });
  queue.push(4n, { overwrite: true });
  assert.equal(queue.peek(), 2n);
  assert.deepEqual([queue.pop(), queue.pop(), queue.pop(), queue.pop()], [2n, 3n, 4n, undefined]);
  assert.deepEqual(
    [stack.peek(), stack.pop(), stack.pop(), stack.pop(), stack.pop()],
    [3n, 3n, 2n, 1n, undefined],
  );
});

test("a Bloom filter knows what was added", () => {
  const { bloom } = skel.maps;
  assert.equal(bloom.has(5n), false);
  bloom.add(5n);
  assert.equal(bloom.has(5n), true);
});

test("maps of maps give out working maps", () => {
  const { hash_of_maps, array_of_maps } = skel.maps;
  using inner = hash_of_maps.create();
  inner.set(3, 4n);
  hash_of_maps.set(1, inner);
  array_of_maps.set(2, inner);
  using again = hash_of_maps.get(1)!;
  assert.equal(again.get(3), 4n);
  again.set(5, 6n);
  using third = array_of_maps.get(2)!;
  assert.deepEqual([...third].sort(), [
    [3, 4n],
    [5, 6n],
  ]);
  assert.equal(hash_of_maps.get(9), undefined);
  assert.equal(array_of_maps.delete(2), true);
  assert.equal(array_of_maps.get(2), undefined);
});

test("references: programs, sockets, cgroups, tasks", async () => {
  const { programs, sockets, tasks } = skel.maps;
  programs.set(0, skel.progs.tail);
  assert.equal(typeof programs.get(0), "number");
  assert.equal(programs.get(1), undefined);
  assert.equal(programs.delete(0), true);
  assert.throws(() => programs.set(1, skel.progs.walk), { code: "EINVAL" });
  const file = openSync("/dev/null", "r");
  assert.throws(() => sockets.set(0, { fd: file }), { code: "ENOTSOCK" });
  closeSync(file);
  assert.throws(() => tasks.get(-1), { code: "EBADF" });
  const server = createServer().listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  // biome-ignore lint/suspicious/noExplicitAny: Node tells the descriptor of a handle only so
  sockets.set(0, { fd: (server as any)._handle.fd });
  assert.equal(sockets.delete(0), true);
  server.close();
});

test("stack traces are arrays of addresses", async () => {
  await using subject = await Subject.start();
  using link = skel.progs.on_getpgid.attach();
  await subject.call("getpgid");
  link.destroy();
  const addresses = skel.maps.stacks.get(skel.data.stack_id);
  assert.ok(addresses && addresses.length > 0, `${addresses}`);
  assert.ok(addresses.every((address) => address > 0x1000n));
  assert.equal(skel.maps.stacks.delete(skel.data.stack_id), true);
});

test("a pinned map outlives its skeleton", () => {
  const folder = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  execFileSync("mount", ["-t", "bpf", "bpf", folder]);
  try {
    const other = maps.openAndLoad();
    other.maps.hash.set(1n, 11n);
    other.maps.hash.pin(`${folder}/hash`);
    assert.throws(() => other.maps.hash.pin(`${folder}/hash`), { code: "EEXIST", call: "bpf_map__pin" });
    other.destroy();
    using found = openPinned<HashMap<bigint, bigint>>(`${folder}/hash`, { key: u64, value: u64 });
    assert.equal(found.get(1n), 11n);
    assert.equal(found.maxEntries, 5000);
    assert.throws(() => found.setMaxEntries(1), /exists/);
    using reusing = maps.open();
    reusing.maps.hash.reuse(found);
    reusing.load();
    assert.equal(reusing.maps.hash.get(1n), 11n);
    assert.throws(() => openPinned(`${folder}/none`), { code: "ENOENT" });
  } finally {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  }
});

test("elements of other sizes than the declared ones are refused, as they would overwrite memory", () => {
  const folder = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  execFileSync("mount", ["-t", "bpf", "bpf", folder]);
  try {
    using other = maps.open();
    const { hash, lru, queue, percpu_array, mapped } = other.maps;
    hash.setValueSize(4096);
    lru.setKeySize(64);
    queue.setValueSize(1024);
    percpu_array.setType("array");
    mapped.setValueSize(4096);
    other.load();
    const refused = (size: number) => ({ name: "TypeError", message: new RegExp(`have ${size} bytes, but`) });
    for (const use of [() => hash.get(1n), () => [...hash], () => hash.deleteBatch([1n]), () => hash.has(1n)])
      assert.throws(use, refused(4096));
    assert.throws(() => hash.updateBatch([[1n, 1n]]), refused(4096));
    assert.throws(() => lru.get(1), refused(64));
    assert.throws(() => queue.push(1n), refused(1024));
    assert.throws(() => percpu_array.get(0), refused(4));
    assert.throws(() => mapped.get(0), refused(4096));
    assert.throws(() => mapped.view(0), refused(4096));

    using third = maps.open();
    third.maps.hash.reuse(hash);
    third.load();
    assert.throws(() => third.maps.hash.get(1n), refused(4096));

    hash.pin(`${folder}/hash`);
    using wrong = openPinned<HashMap<bigint, bigint>>(`${folder}/hash`, { key: u64, value: u64 });
    assert.throws(() => wrong.get(1n), refused(4096));
    using unknown = openPinned<HashMap<bigint, bigint>>(`${folder}/hash`);
    assert.throws(() => unknown.get(1n), { name: "TypeError", message: /keys .* type is not known/ });
    using half = openPinned<HashMap<bigint, bigint>>(`${folder}/hash`, { key: u64 });
    assert.throws(() => half.get(1n), { name: "TypeError", message: /values .* type is not known/ });
  } finally {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  }
});

test("a map of sockets may have values of 8 bytes", async () => {
  using other = maps.open();
  other.maps.sockets.setValueSize(8);
  other.load();
  const server = createServer().listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  // biome-ignore lint/suspicious/noExplicitAny: Node tells the descriptor of a handle only so
  other.maps.sockets.set(0, { fd: (server as any)._handle.fd });
  assert.equal(other.maps.sockets.delete(0), true);
  server.close();
});

test("a pin of another kind is told apart", () => {
  const folder = mkdtempSync(join(tmpdir(), "bpf-app-test-"));
  execFileSync("mount", ["-t", "bpf", "bpf", folder]);
  const descriptors = openDescriptors();
  try {
    using other = maps.openAndLoad();
    const { on_getpgid } = other.progs;
    using attached = on_getpgid.attach();
    on_getpgid.pin(`${folder}/program`);
    attached.pin(`${folder}/link`);
    other.maps.hash.pin(`${folder}/map`);
    for (const kind of ["program", "link"] as const) {
      const open = () => openPinned(`${folder}/${kind}`);
      const expected = { name: "PinError", code: "ERR_BPF_PIN", kind, path: `${folder}/${kind}` };
      assert.throws(open, expected);
      assert.throws(open, new RegExp(`is a pinned ${kind}, not a pinned map`));
    }
    for (const kind of ["program", "map"] as const)
      assert.throws(() => Link.openPinned(`${folder}/${kind}`), { name: "PinError", kind });
    using link = Link.openPinned(`${folder}/link`);
    assert.ok(link.fd >= 0);
    openPinned(`${folder}/map`).close();
  } finally {
    execFileSync("umount", [folder]);
    rmdirSync(folder);
  }
  assert.equal(openDescriptors(), descriptors);
});

test("before load and after destroy there are no elements", () => {
  const other = maps.open();
  assert.equal(other.maps.hash.fd, -1);
  assert.throws(() => other.maps.hash.get(1n), /before load/);
  other.load();
  other.maps.hash.set(1n, 1n);
  const { hash, mapped, stack } = other.maps;
  stack.push(1n);
  mapped.set(0, { a: 1, b: 1, c: 1n });
  other.destroy();
  assert.throws(() => hash.get(1n), /destroyed/);
  assert.throws(() => hash.set(1n, 1n), /destroyed/);
  assert.throws(() => [...hash], /destroyed/);
  assert.throws(() => other.maps.queue.pop(), /destroyed/);
  assert.throws(() => stack.pop(), { code: "EBADF" });
  assert.deepEqual(mapped.get(0), { a: 1, b: 1, c: 1n });
});
