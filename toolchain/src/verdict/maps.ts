import { mapTypeFacts } from "../facts/map-types.ts";
import type { Native, ObjectHandle } from "../runtime/native.ts";
import type { MapJob, SkeletonJob } from "./protocol.ts";

/** These have no number of elements: the kernel refuses any but 0. libbpf gives a perf event array one for each CPU. */
const WITHOUT_ENTRIES: readonly string[] = [
  "sk_storage",
  "inode_storage",
  "task_storage",
  "cgrp_storage",
  "cgroup_storage",
  "percpu_cgroup_storage",
  "perf_event_array",
  "struct_ops",
];

/** The pages of an arena whose size the app sets: enough for the globals that lie in it. */
const ARENA_PAGES = 1024;

/**
 * Does to an opened object what the runtime does before load, and stands in for what the app may do: a map without a size
 * gets one, because the app sets it. No map is pinned.
 * @param program whether the program that is to be loaded is one of a struct_ops map
 */
export function prepareMaps(
  native: Native,
  object: ObjectHandle,
  job: SkeletonJob,
  program: { readonly structOps: boolean },
): void {
  for (const map of job.maps) {
    const index = native.mapIndex(object, map.name);
    if (index < 0) continue;
    native.mapSet(object, index, "pinPath", "");
    const wanted = map.typed ? mapTypeFacts(map.type)?.valueSize : undefined;
    if (wanted !== undefined && wanted !== map.valueSize) native.mapSet(object, index, "valueSize", wanted);
    const entries = entriesOf(map);
    if (entries !== undefined) native.mapSet(object, index, "maxEntries", entries);
  }
  // Together with such a map libbpf loads all of its programs, which are others than the one that is wanted.
  for (const name of program.structOps ? [] : job.structOps) {
    const index = native.mapIndex(object, name);
    if (index >= 0) native.mapSet(object, index, "autocreate", false);
  }
}

/** The number of elements for a map that says none; libbpf rounds that of a ring up to a page. */
export function entriesOf({ type, maxEntries }: Pick<MapJob, "type" | "maxEntries">): number | undefined {
  if (maxEntries !== 0 || WITHOUT_ENTRIES.includes(type)) return undefined;
  return type === "arena" ? ARENA_PAGES : 1;
}
