/** What the author of an app imports: `bpf-app/runtime`. Generated skeletons import `bpf-app/generated` instead. */

// Of the tables only their types are exported: they say which names there are.
export type { ATTACH_TYPES, AttachType } from "../facts/attach-types.ts";
export type { CAPABILITIES, Capability } from "../facts/capabilities.ts";
export type { MAP_TYPES, MapType } from "../facts/map-types.ts";
export type { PROG_TYPES, ProgType } from "../facts/prog-types.ts";
export { AddonError, type Attempt } from "./addon.ts";
export type { Advice } from "./advice.ts";
export type { AttachBase } from "./attach/base.ts";
export type { AttachMethods } from "./attach/methods.ts";
export type { NetworkMethods } from "./attach/network.ts";
export type * from "./attach/options.ts";
export { PerfLinks } from "./attach/perf.ts";
export type { ProbeMethods } from "./attach/probes.ts";
export type { TracingMethods } from "./attach/tracing.ts";
export type { SECTION_GROUPS, SectionGroup } from "./choose.ts";
export type { ArrayCodec, ArrayView } from "./codec/array-view.ts";
export { bytes } from "./codec/arrays.ts";
export {
  bool,
  f32,
  f64,
  i8,
  i16,
  i32,
  i64,
  i128,
  pointer,
  u8,
  u16,
  u32,
  u64,
  u128,
} from "./codec/numbers.ts";
export { charsOf, strings } from "./codec/text.ts";
export { zero } from "./codec/zero.ts";
export { openPinned } from "./create-map.ts";
export type { HasFd } from "./descriptor.ts";
export { BpfError, errnoName, PinError, type PinKind, StateError, VerifierError } from "./errors.ts";
export { PerfEventArray } from "./events/perf.ts";
export { RingBuffer } from "./events/ring.ts";
export { type BatchOptions, type EventOptions, EventSource } from "./events/source.ts";
export { UserRingBuffer } from "./events/user-ring.ts";
export { kernelFunction } from "./functions.ts";
export { type Ksym, Ksyms } from "./ksyms.ts";
export { type Attachment, Link, type LoadedProgram } from "./link.ts";
export type { LogLevel, LogOptions } from "./log.ts";
export { type MainContext, main } from "./main.ts";
export { ArenaMap } from "./maps/arena.ts";
export { ArrayMap, type IndexedMap, PerCpuArrayMap } from "./maps/array.ts";
export { BPF_ANY, BPF_EXIST, BPF_F_LOCK, BPF_NOEXIST } from "./maps/elements.ts";
export { HashMap, KeyedMap, LocalStorageMap, LpmTrieMap, PerCpuHashMap } from "./maps/keyed.ts";
export { BpfMap } from "./maps/map.ts";
export { BloomFilterMap, type KeylessMap, QueueMap, StackMap } from "./maps/queue.ts";
export {
  ArrayOfMaps,
  CgroupArray,
  HashOfMaps,
  ProgArray,
  type ReferenceMap,
  SockHash,
  SockMap,
} from "./maps/references.ts";
export { StackTraceMap } from "./maps/stack-trace.ts";
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
export { type DropOptions, dropPrivileges } from "./privileges.ts";
export { firstOf, type KernelProbe, probe } from "./probe.ts";
export type { TestRunOptions, TestRunResult } from "./program.ts";
export { Program } from "./program.ts";
export { type OutputOptions, ProgramOutput } from "./program-output.ts";
export type { OpenOptions, Skeleton, SkeletonClass } from "./skeleton.ts";
export type { Codec, Init, StructCodec, View } from "./spec.ts";
export { enableStats, type ProgramStats } from "./stats.ts";
export type { Stream } from "./stream.ts";
export { type TracePipeOptions, tracePipe } from "./trace-pipe.ts";
export type { Rejection } from "./verifier.ts";
