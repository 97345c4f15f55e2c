import { RingBuffer } from "../events/ring.ts";
import type { Session } from "../session.ts";
import type { MapSpec } from "../spec.ts";
import { BpfMap, StructOpsMap } from "./map.ts";

type MapClass = new (session: Session, spec: MapSpec) => BpfMap;

/** The class for each type of map; what is not here has no elements to read from user space. */
const CLASSES: Readonly<Record<string, MapClass>> = {
  ringbuf: RingBuffer as MapClass,
  struct_ops: StructOpsMap,
};

export function createMap(session: Session, spec: MapSpec): BpfMap {
  const Class = spec.section === undefined ? (CLASSES[spec.type] ?? BpfMap) : BpfMap;
  const map = new Class(session, spec);
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
