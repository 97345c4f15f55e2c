/**
 * The classes that represent maps in the runtime, by the names that `bpf-app/generated` exports, each with its type
 * parameters: K is the key, V the value, W the value's view if it has one, M the class of the inner maps, E an event's
 * value and its view.
 */
export const MAP_CLASSES = {
  /** For maps whose elements user space neither reads nor writes. */
  BpfMap: "",
  HashMap: "KV",
  PerCpuHashMap: "KV",
  ArrayMap: "VW",
  PerCpuArrayMap: "V",
  LpmTrieMap: "KV",
  QueueMap: "V",
  StackMap: "V",
  BloomFilterMap: "V",
  RingBuffer: "E",
  UserRingBuffer: "E",
  PerfEventArray: "E",
  ArrayOfMaps: "M",
  HashOfMaps: "KM",
  ProgArray: "",
  StackTraceMap: "",
  CgroupArray: "",
  SockMap: "",
  SockHash: "K",
  StructOpsMap: "",
  LocalStorageMap: "V",
  ArenaMap: "",
} as const satisfies Readonly<Record<string, string>>;

export type MapClassName = keyof typeof MAP_CLASSES;

interface MapTypeFacts {
  /** Its value in the kernel's enum. */
  readonly number: number;
  readonly class: MapClassName;
  /**
   * The value size, in bytes, that the kernel accepts. The definition of such a map names the type of its events as
   * the value type, but the kernel refuses that type's size.
   */
  readonly valueSize?: number;
}

/** Every type of map: `enum bpf_map_type` of include/uapi/linux/bpf.h without its prefix, in lower case. */
export const MAP_TYPES = {
  unspec: { number: 0, class: "BpfMap" },
  hash: { number: 1, class: "HashMap" },
  array: { number: 2, class: "ArrayMap" },
  prog_array: { number: 3, class: "ProgArray" },
  perf_event_array: { number: 4, class: "PerfEventArray", valueSize: 4 },
  percpu_hash: { number: 5, class: "PerCpuHashMap" },
  percpu_array: { number: 6, class: "PerCpuArrayMap" },
  stack_trace: { number: 7, class: "StackTraceMap" },
  cgroup_array: { number: 8, class: "CgroupArray" },
  lru_hash: { number: 9, class: "HashMap" },
  lru_percpu_hash: { number: 10, class: "PerCpuHashMap" },
  lpm_trie: { number: 11, class: "LpmTrieMap" },
  array_of_maps: { number: 12, class: "ArrayOfMaps" },
  hash_of_maps: { number: 13, class: "HashOfMaps" },
  devmap: { number: 14, class: "BpfMap" },
  sockmap: { number: 15, class: "SockMap" },
  cpumap: { number: 16, class: "BpfMap" },
  xskmap: { number: 17, class: "BpfMap" },
  sockhash: { number: 18, class: "SockHash" },
  cgroup_storage: { number: 19, class: "BpfMap" },
  reuseport_sockarray: { number: 20, class: "BpfMap" },
  percpu_cgroup_storage: { number: 21, class: "BpfMap" },
  queue: { number: 22, class: "QueueMap" },
  stack: { number: 23, class: "StackMap" },
  sk_storage: { number: 24, class: "LocalStorageMap" },
  devmap_hash: { number: 25, class: "BpfMap" },
  struct_ops: { number: 26, class: "StructOpsMap" },
  ringbuf: { number: 27, class: "RingBuffer", valueSize: 0 },
  inode_storage: { number: 28, class: "LocalStorageMap" },
  task_storage: { number: 29, class: "LocalStorageMap" },
  bloom_filter: { number: 30, class: "BloomFilterMap" },
  user_ringbuf: { number: 31, class: "UserRingBuffer", valueSize: 0 },
  cgrp_storage: { number: 32, class: "LocalStorageMap" },
  arena: { number: 33, class: "ArenaMap" },
  insn_array: { number: 34, class: "BpfMap" },
} as const satisfies Readonly<Record<string, MapTypeFacts>>;

/** The name of a type of map: `percpu_array`. */
export type MapType = keyof typeof MAP_TYPES;

/** The number of every type of map, by the type's name. */
export const MAP_NUMBERS: Readonly<Record<string, number>> = Object.fromEntries(
  Object.entries(MAP_TYPES).map(([name, { number }]) => [name, number]),
);

const NAMES: ReadonlyMap<number, MapType> = new Map(
  Object.entries(MAP_TYPES).map(([name, { number }]) => [number, name as MapType]),
);

/** The name of a type of map. Undefined for the number of a type that is newer than this table. */
export function mapTypeName(number: number): MapType | undefined {
  return NAMES.get(number);
}

/** What the table says of a type of map. Undefined for a name that is not in the table. */
export function mapTypeFacts(type: string): MapTypeFacts | undefined {
  return Object.hasOwn(MAP_TYPES, type) ? MAP_TYPES[type as MapType] : undefined;
}
