/**
 * What a generated `NAME.skel.ts` imports: `bpf-app/generated`. Nobody else should: it changes together with the
 * generator, from one version to the next. What an app's author writes against is `bpf-app/runtime`, and both hold the
 * same classes, so that a map of a skeleton is an instance of the class that `bpf-app/runtime` exports.
 */

export * from "./codec.ts";
export type { PerfEventArray } from "./events/perf.ts";
export type { RingBuffer } from "./events/ring.ts";
export type { UserRingBuffer } from "./events/user-ring.ts";
export type { Link } from "./link.ts";
export type { ArenaMap } from "./maps/arena.ts";
export type { ArrayMap, PerCpuArrayMap } from "./maps/array.ts";
export type { HashMap, LocalStorageMap, LpmTrieMap, PerCpuHashMap } from "./maps/keyed.ts";
export type { BpfMap } from "./maps/map.ts";
export type { BloomFilterMap, QueueMap, StackMap } from "./maps/queue.ts";
export type {
  ArrayOfMaps,
  CgroupArray,
  HashOfMaps,
  ProgArray,
  SockHash,
  SockMap,
} from "./maps/references.ts";
export type { StackTraceMap } from "./maps/stack-trace.ts";
export type { StructOpsMap } from "./maps/struct-ops.ts";
export type { Memory } from "./memory.ts";
export type { Program } from "./program.ts";
export { defineSkeleton, type Skeleton, type SkeletonClass } from "./skeleton.ts";
export type { Codec, Init, MapSpec, ProgSpec, SectionSpec, SkeletonSpec, StructCodec, View } from "./spec.ts";
