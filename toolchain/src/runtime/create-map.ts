import { failure } from "./errors.ts";
import { PerfEventArray } from "./events/perf.ts";
import { RingBuffer } from "./events/ring.ts";
import { UserRingBuffer } from "./events/userring.ts";
import { inspectable } from "./inspect.ts";
import { Log } from "./log.ts";
import { ArrayMap, PerCpuArrayMap } from "./maps/array.ts";
import { HashMap, LocalStorageMap, LpmTrieMap, PerCpuHashMap } from "./maps/keyed.ts";
import { BpfMap } from "./maps/map.ts";
import { BloomFilterMap, QueueMap, StackMap } from "./maps/queue.ts";
import { ArrayOfMaps, CgroupArray, HashOfMaps, ProgArray, SockHash, SockMap } from "./maps/references.ts";
import { StackTraceMap } from "./maps/stacktrace.ts";
import { StructOpsMap } from "./maps/struct-ops.ts";
import { MAP_TYPES } from "./maps/types.ts";
import { anyNative } from "./native.ts";
import { Session } from "./session.ts";
import type { Codec, MapSpec, StructCodec, View } from "./spec.ts";

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

export function makeMap(session: Session, spec: MapSpec, fd?: number): BpfMap {
  inspectable((spec.value as Partial<StructCodec<unknown, View>> | undefined)?.View);
  const Class = spec.section === undefined ? (CLASSES as Record<string, unknown>)[spec.type] : undefined;
  return new ((Class ?? BpfMap) as MapClass)(session, spec, fd);
}

/** A map of a skeleton that was just opened. */
export function createMap(session: Session, spec: MapSpec): BpfMap {
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
  const native = anyNative("bpf_obj_get");
  const fd = native.objGet(path);
  if (fd < 0) throw failure("bpf_obj_get", fd, path);
  try {
    const { error, type, keySize, valueSize, maxEntries, flags, name } = native.mapInfoByFd(fd);
    if (error < 0) throw failure("bpf_map_get_info_by_fd", error, path);
    const sizes = { keySize, valueSize, maxEntries, flags };
    const spec = { name, type: MAP_TYPES[type] ?? String(type), ...sizes, ...types };
    const session = new Session({ native, log: new Log(native, {}), name: path, makeMap });
    return makeMap(session, spec, fd) as M;
  } catch (error) {
    native.closeFd(fd);
    throw error;
  }
}
