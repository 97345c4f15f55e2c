import { codecExpression } from "./access.ts";
import type { Module } from "./module.ts";
import type { Shape } from "./shape.ts";
import { plainType } from "./types.ts";

/** A map with its types as shapes. */
export interface TypedMap {
  readonly name: string;
  readonly property: string;
  readonly type: string;
  readonly key: Shape | undefined;
  readonly value: Shape | undefined;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly inner: TypedMap | undefined;
  readonly section?: string | undefined;
  readonly dropped?: { readonly section: string; readonly offset: number } | undefined;
}

/** The runtime's interface of each type of map, with the letters of its parameters; `spec.ts` has the same table. */
const interfaces: Readonly<Record<string, readonly [name: string, params: string]>> = {
  hash: ["HashMap", "KV"],
  lru_hash: ["HashMap", "KV"],
  percpu_hash: ["PerCpuHashMap", "KV"],
  lru_percpu_hash: ["PerCpuHashMap", "KV"],
  array: ["ArrayMap", "V"],
  percpu_array: ["PerCpuArrayMap", "V"],
  lpm_trie: ["LpmTrieMap", "KV"],
  queue: ["QueueMap", "V"],
  stack: ["StackMap", "V"],
  bloom_filter: ["BloomFilterMap", "V"],
  ringbuf: ["RingBuffer", "E"],
  user_ringbuf: ["UserRingBuffer", "E"],
  perf_event_array: ["PerfEventArray", "E"],
  array_of_maps: ["ArrayOfMaps", "M"],
  hash_of_maps: ["HashOfMaps", "KM"],
  prog_array: ["ProgArray", ""],
  stack_trace: ["StackTraceMap", ""],
  cgroup_array: ["CgroupArray", ""],
  sockmap: ["SockMap", ""],
  sockhash: ["SockHash", "K"],
  struct_ops: ["StructOpsMap", ""],
  sk_storage: ["LocalStorageMap", "V"],
  inode_storage: ["LocalStorageMap", "V"],
  task_storage: ["LocalStorageMap", "V"],
  cgrp_storage: ["LocalStorageMap", "V"],
};

/** Of a map without a declared type: as many bytes as its size says. */
const untyped = (shape: Shape | undefined): string => (shape === undefined ? "Uint8Array" : plainType(shape));

/** `HashMap<number, event>`. */
export function mapType(mod: Module, map: TypedMap): string {
  const [name, params] =
    map.section === undefined ? (interfaces[map.type] ?? ["BpfMap", ""]) : ["BpfMap", ""];
  const local = mod.useType(name);
  const args = [...params].flatMap((letter) => {
    if (letter === "K") return [untyped(map.key)];
    if (letter === "V") return [untyped(map.value)];
    if (letter === "M") return [map.inner === undefined ? mod.useType("BpfMap") : mapType(mod, map.inner)];
    return [untyped(map.value), viewArgument(mod, map.value)];
  });
  return args.length === 0 ? local : `${local}<${args.join(", ")}>`;
}

/** What `consume` hands out: a view where there is one, else the value. */
function viewArgument(_mod: Module, shape: Shape | undefined): string {
  if (shape === undefined) return "Uint8Array";
  return shape.kind === "struct" ? shape.decl.viewName : plainType(shape);
}

/** The MapSpec, as lines of an object literal. */
export function mapSpec(mod: Module, map: TypedMap, indent: string): string[] {
  const inner = map.inner === undefined ? [] : [`inner: ${inlineSpec(mod, map.inner)},`];
  const dropped =
    map.dropped === undefined
      ? []
      : [`dropped: { section: ${JSON.stringify(map.dropped.section)}, offset: ${map.dropped.offset} },`];
  return [
    ...scalars(mod, map),
    ...inner,
    ...dropped,
    ...(map.section === undefined ? [] : [`section: ${JSON.stringify(map.section)},`]),
  ].map((line) => indent + line);
}

function scalars(mod: Module, map: TypedMap): string[] {
  return [
    `name: ${JSON.stringify(map.name)},`,
    `type: ${JSON.stringify(map.type)},`,
    ...side(mod, "key", map.key, map.keySize),
    ...side(mod, "value", map.value, carriesEvents(map) ? 0 : map.valueSize),
    `keySize: ${map.keySize},`,
    `valueSize: ${map.valueSize},`,
    `maxEntries: ${map.maxEntries},`,
    `flags: ${map.flags},`,
  ];
}

function carriesEvents(map: TypedMap): boolean {
  return interfaces[map.type]?.[1] === "E";
}

function side(mod: Module, name: string, shape: Shape | undefined, size: number): string[] {
  if (shape !== undefined) {
    const codec = codecExpression(mod, shape, 8);
    const exact = name === "key" && hasText(shape) ? mod.hoist(`${mod.use("exactly")}(${codec})`) : codec;
    return [`${name}: ${exact},`];
  }
  return size === 0 ? [] : [`${name}: ${mod.hoist(`${mod.use("bytes")}(${size})`)},`];
}

/** A key that has text in a struct is found again only if all the bytes of the text are kept. */
function hasText(shape: Shape): boolean {
  return (
    shape.kind === "struct" &&
    shape.decl.members.some((member) => member.shape.kind === "chars" || hasText(member.shape))
  );
}

function inlineSpec(mod: Module, map: TypedMap): string {
  return `{ ${scalars(mod, map).join(" ").slice(0, -1)} }`;
}
