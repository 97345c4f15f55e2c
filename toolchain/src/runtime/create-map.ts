import { type MapClassName, mapTypeFacts, mapTypeName } from "../facts/map-types.ts";
import { failure } from "./errors.ts";
import { PerfEventArray } from "./events/perf.ts";
import { RingBuffer } from "./events/ring.ts";
import { UserRingBuffer } from "./events/user-ring.ts";
import { inspectable } from "./inspect.ts";
import { Log } from "./log.ts";
import { ArenaMap } from "./maps/arena.ts";
import { ArrayMap, PerCpuArrayMap } from "./maps/array.ts";
import { HashMap, LocalStorageMap, LpmTrieMap, PerCpuHashMap } from "./maps/keyed.ts";
import { BpfMap } from "./maps/map.ts";
import { BloomFilterMap, QueueMap, StackMap } from "./maps/queue.ts";
import { ArrayOfMaps, CgroupArray, HashOfMaps, ProgArray, SockHash, SockMap } from "./maps/references.ts";
import { StackTraceMap } from "./maps/stack-trace.ts";
import { StructOpsMap } from "./maps/struct-ops.ts";
import { anyNative } from "./native.ts";
import { checkPin } from "./pinned.ts";
import { Session } from "./session.ts";
import type { Codec, MapSpec, StructCodec, View } from "./spec.ts";

type MapClass = new (session: Session, spec: MapSpec, fd?: number) => BpfMap;

/** The classes that the table of map types names. */
const CLASSES = {
  BpfMap,
  HashMap,
  PerCpuHashMap,
  ArrayMap,
  PerCpuArrayMap,
  LpmTrieMap,
  QueueMap,
  StackMap,
  BloomFilterMap,
  RingBuffer,
  UserRingBuffer,
  PerfEventArray,
  ArrayOfMaps,
  HashOfMaps,
  ProgArray,
  StackTraceMap,
  CgroupArray,
  SockMap,
  SockHash,
  StructOpsMap,
  LocalStorageMap,
  ArenaMap,
} satisfies Readonly<Record<MapClassName, unknown>>;

/** Makes the object for a map. The map of a data section is a plain one, as its values are read through the section. */
export function makeMap(session: Session, spec: MapSpec, fd?: number): BpfMap {
  inspectable((spec.value as Partial<StructCodec<unknown, View>> | undefined)?.View);
  const name = (spec.section === undefined && mapTypeFacts(spec.type)?.class) || "BpfMap";
  return new (CLASSES[name] as MapClass)(session, spec, fd);
}

/** Makes the object for a map of a skeleton that was just opened. */
export function createMap(session: Session, spec: MapSpec): BpfMap {
  const map = makeMap(session, spec);
  const declared = kernelValueSize(spec);
  if (declared !== undefined) map.setValueSize(declared);
  return map;
}

/**
 * The value size that the kernel wants, where it differs from the declared one: the type of a map's events is declared as
 * that of its values, for which the kernel has another use.
 */
function kernelValueSize({ type, value, valueSize }: MapSpec): number | undefined {
  const wanted = value && mapTypeFacts(type)?.valueSize;
  return wanted === valueSize ? undefined : wanted;
}

/**
 * Opens a map that was pinned to the BPF file system, by this process or another one. The caller knows its type, and
 * closes it: `openPinned<HashMap<number, bigint>>(path, { key: u32, value: u64 })`. Some skeleton has to have been opened
 * before.
 *
 * @param path - where it was pinned, such as `/sys/fs/bpf/NAME`
 * @param types - the codecs of its keys and values: those of this module, or a struct's, which its skeleton exports
 * @throws {@link PinError} if something else is pinned there
 * @throws {@link BpfError} if there is no map at that path, or it may not be opened
 * @throws {@link StateError} before any skeleton has been opened
 */
export function openPinned<M extends BpfMap>(
  path: string,
  types: { readonly key?: Codec<unknown, never>; readonly value?: Codec<unknown, never> } = {},
): M {
  const native = anyNative("bpf_obj_get");
  const fd = native.objGet(path);
  if (fd < 0) throw failure("bpf_obj_get", fd, path);
  try {
    checkPin("bpf_obj_get", path, fd, "map");
    const { error, type, keySize, valueSize, maxEntries, flags, name } = native.mapInfoByFd(fd);
    if (error < 0) throw failure("bpf_map_get_info_by_fd", error, path);
    const sizes = { keySize, valueSize, maxEntries, flags };
    const spec = { name, type: mapTypeName(type) ?? String(type), ...sizes, ...types };
    const session = new Session({ native, log: new Log(native, {}), name: path, makeMap });
    return makeMap(session, spec, fd) as M;
  } catch (error) {
    native.closeFd(fd);
    throw error;
  }
}
