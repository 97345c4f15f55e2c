import { resolve, spell } from "../btf/layout.ts";
import type { Btf } from "../btf/types.ts";
import { Failure } from "../failure.ts";
import type { SkeletonFailure } from "./failures.ts";
import type { MapDefinition } from "./maps.ts";
import type { DataSection } from "./object.ts";

/**
 * What the macros of `include/bpf_app.h` leave in an object. BPF_APP_EVENT makes a function that is never called, whose
 * parameter points to the event; BPF_APP_DROPS makes a global counter.
 */
const EVENT = "bpf_app_event__";
const DROPS = "__dropped";

const carriers = new Set(["ringbuf", "user_ringbuf", "perf_event_array"]);

function carrier(maps: readonly MapDefinition[], name: string, macro: string): MapDefinition {
  const map = maps.find((one) => one.name === name && carriers.has(one.type));
  if (map !== undefined) return map;
  const known = maps.filter((one) => carriers.has(one.type)).map((one) => one.name);
  throw new Failure<SkeletonFailure>({ kind: "event-map-unknown", map: name, macro, maps: known });
}

/** The events' types that were declared apart from the maps, by map. */
export function declaredEvents(btf: Btf, maps: readonly MapDefinition[]): ReadonlyMap<string, number> {
  const found = new Map<string, number>();
  for (const type of btf.types) {
    if (type.kind !== "func" || !type.name.startsWith(EVENT)) continue;
    const proto = btf.types[type.type]!;
    const param = proto.kind === "funcProto" ? proto.params[0] : undefined;
    const pointer = param === undefined ? undefined : resolve(btf, param.type).type;
    if (pointer?.kind !== "ptr") continue;
    const map = carrier(maps, type.name.slice(EVENT.length), "BPF_APP_EVENT");
    const other = found.get(map.name) ?? map.value;
    if (other !== undefined && resolve(btf, other).id !== resolve(btf, pointer.type).id) {
      const types = [spell(btf, other), spell(btf, pointer.type)] as const;
      throw new Failure<SkeletonFailure>({ kind: "event-type-conflict", map: map.name, types: [...types] });
    }
    found.set(map.name, pointer.type);
  }
  return found;
}

/** Where a map's failed reserves are counted. */
export function dropCounter(
  map: MapDefinition,
  sections: readonly DataSection[],
): { section: string; offset: number } | undefined {
  for (const { name, variables } of sections) {
    const counter = variables.find((variable) => variable.name === map.name + DROPS && variable.size === 8);
    if (counter !== undefined) return { section: name, offset: counter.offset };
  }
  return undefined;
}
