import { failure } from "../errors.ts";
import { PerfEventArray } from "../events/perf.ts";
import { RingBuffer } from "../events/ring.ts";
import { UserRingBuffer } from "../events/userring.ts";
import { inspectable } from "../inspect.ts";
import { anyNative } from "../native.ts";
import { Session } from "../session.ts";
import type { Codec, MapSpec, StructCodec, View } from "../spec.ts";
import { ArrayMap, PerCpuArrayMap } from "./array.ts";
import { HashMap, LocalStorageMap, LpmTrieMap, PerCpuHashMap } from "./keyed.ts";
import { BpfMap, StructOpsMap } from "./map.ts";
import { BloomFilterMap, QueueMap, StackMap } from "./queue.ts";
import { ArrayOfMaps, CgroupArray, HashOfMaps, ProgArray, SockHash, SockMap } from "./references.ts";
import { StackTraceMap } from "./stacktrace.ts";
import { MAP_TYPES } from "./types.ts";

type MapClass = new (session: Session, spec: MapSpec, fd?: number) => BpfMap;

/** The class for each type of map; what is not here has no elements to read from user space. */
const CLASSES = {
  hash: HashMap,
  lru_hash: HashMap,
  percpu_hash: PerCpuHashMap,
  lru_percpu_hash: PerCpuHashMap,
  array: ArrayMap,
  percpu_array: PerCpuArrayMap,
  lpm_trie: LpmTrieMap,
  queue: QueueMap,
  stack: StackMap,
  bloom_filter: BloomFilterMap,
  ringbuf: RingBuffer,
  user_ringbuf: UserRingBuffer,
  perf_event_array: PerfEventArray,
  array_of_maps: ArrayOfMaps,
  hash_of_maps: HashOfMaps,
  prog_array: ProgArray,
  stack_trace: StackTraceMap,
  cgroup_array: CgroupArray,
  sockmap: SockMap,
  sockhash: SockHash,
  struct_ops: StructOpsMap,
  sk_storage: LocalStorageMap,
  inode_storage: LocalStorageMap,
  task_storage: LocalStorageMap,
  cgrp_storage: LocalStorageMap,
};

function makeMap(session: Session, spec: MapSpec, fd?: number): BpfMap {
  inspectable((spec.value as Partial<StructCodec<unknown, View>> | undefined)?.View);
  const Class = spec.section === undefined ? (CLASSES as Record<string, unknown>)[spec.type] : undefined;
  return new ((Class ?? BpfMap) as MapClass)(session, spec, fd);
}

/** A map of a skeleton that was just opened. */
export function createMap(session: Session, spec: MapSpec): BpfMap {
  session.makeMap = makeMap;
  const map = makeMap(session, spec);
  const declared = kernelValueSize(spec);
  if (declared !== undefined) map.setValueSize(declared);
  return map;
}

/** An event's type is declared as the map's value, for which the kernel has another use. */
function kernelValueSize({ type, value, valueSize }: MapSpec): number | undefined {
  if (value === undefined) return undefined;
  const wanted =
    type === "perf_event_array" ? 4 : type === "ringbuf" || type === "user_ringbuf" ? 0 : valueSize;
  return wanted === valueSize ? undefined : wanted;
}

/**
 * A map that was pinned to the BPF file system, with the codecs of its key and value. Of a map whose type the caller
 * knows: `openPinned<HashMap<number, bigint>>(path, { key: u32, value: u64 })`. The caller closes it.
 *
 * @throws BpfError
 */
export function openPinned<M extends BpfMap>(
  path: string,
  types: { readonly key?: Codec<unknown, never>; readonly value?: Codec<unknown, never> } = {},
): M {
  const native = anyNative();
  const fd = native.objGet(path);
  if (fd < 0) throw failure("bpf_obj_get", fd, path);
  const { type, keySize, valueSize, maxEntries, flags, name } = native.mapInfoByFd(fd);
  const spec = {
    name,
    type: MAP_TYPES[type] ?? String(type),
    keySize,
    valueSize,
    maxEntries,
    flags,
    ...types,
  };
  const session = Session.standalone(native, path);
  session.makeMap = makeMap;
  return makeMap(session, spec, fd) as M;
}
