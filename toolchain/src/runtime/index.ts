/** What an app and its generated skeletons import: `bpf-app/runtime`. */

export type { AttachType } from "../facts/attach-types.ts";
export type { MapType } from "../facts/map-types.ts";
export type { ProgType } from "../facts/prog-types.ts";
export { AddonError } from "./addon.ts";
export type * from "./attach-options.ts";
export * from "./codec.ts";
export { openPinned } from "./create-map.ts";
export { BpfError, errnoName, PinError, type PinKind, StateError, VerifierError } from "./errors.ts";
export { PerfEventArray } from "./events/perf.ts";
export { RingBuffer } from "./events/ring.ts";
export { type BatchOptions, type EventOptions, EventSource } from "./events/source.ts";
export { UserRingBuffer } from "./events/userring.ts";
export { kernelFunction } from "./functions.ts";
export { type Ksym, Ksyms } from "./ksyms.ts";
export { type Attachment, Link } from "./link.ts";
export type { LogLevel, LogOptions } from "./log.ts";
export { type MainContext, main } from "./main.ts";
export { ArrayMap, PerCpuArrayMap } from "./maps/array.ts";
export { BPF_ANY, BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST } from "./maps/elements.ts";
export { HashMap, KeyedMap, LocalStorageMap, LpmTrieMap, PerCpuHashMap } from "./maps/keyed.ts";
export { BpfMap } from "./maps/map.ts";
export { BloomFilterMap, QueueMap, StackMap } from "./maps/queue.ts";
export { ArrayOfMaps, CgroupArray, HashOfMaps, ProgArray, SockHash, SockMap } from "./maps/references.ts";
export { StackTraceMap } from "./maps/stacktrace.ts";
export { StructOpsMap } from "./maps/struct-ops.ts";
export { Memory } from "./memory.ts";
export {
  type Column,
  eventPrinter,
  type PrinterOptions,
  reportLost,
  until,
  usageError,
  wholeNumber,
} from "./output.ts";
export { firstOf, probe } from "./probe.ts";
export type { TestRunOptions, TestRunResult } from "./program.ts";
export { Program } from "./program.ts";
export { defineSkeleton, type OpenOptions, type Skeleton, type SkeletonClass } from "./skeleton.ts";
export type { Codec, MapSpec, ProgSpec, SectionSpec, SkeletonSpec, StructCodec, View } from "./spec.ts";
export { type TracePipeOptions, tracePipe } from "./trace-pipe.ts";
