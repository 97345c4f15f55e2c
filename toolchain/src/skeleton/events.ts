import { Failure } from "../base/failure.ts";
import { resolve, spell } from "../btf/layout.ts";
import type { Btf } from "../btf/types.ts";
import { MAP_CLASSES, mapTypeFacts } from "../facts/map-types.ts";
import type { MapDefinition } from "./maps.ts";
import type { DataSection } from "./object.ts";

/**
 * How the macros of `include/bpf_app.h` appear in an object. BPF_APP_EVENT makes a function that nobody calls and whose
 * parameter is a pointer to the event. BPF_APP_DROPS makes a global that counts.
 */
const EVENT = "bpf_app_event__";
const DROPS = "__dropped";

/** Whether user space gets records out of the map, or puts them in, rather than elements. */
export function carriesEvents({ type }: MapDefinition): boolean {
  const facts = mapTypeFacts(type);
  return facts !== undefined && MAP_CLASSES[facts.class] === "E";
}

/**
 * The BTF id of the type that a map's definition gives to its values. An integer of four bytes says nothing of the
 * events of a perf event array: it is the kernel's own value there, the descriptor of a CPU's perf event.
 */
export function definedValue(btf: Btf, map: MapDefinition): number | undefined {
  if (map.value === undefined || map.type !== "perf_event_array") return map.value;
  const { type } = resolve(btf, map.value);
  return type.kind === "int" && type.size === 4 ? undefined : map.value;
}

/**
 * The BTF ids of the types of events that the source declares, by the name of the map: in the map's definition, or by
 * BPF_APP_EVENT.
 * @throws Failure event-map-unknown, event-type-conflict
 */
export function declaredEvents(btf: Btf, maps: readonly MapDefinition[]): Map<string, number> {
  const found = new Map<string, number>();
  const known = new Map(maps.filter(carriesEvents).map((map) => [map.name, map]));
  for (const map of known.values()) {
    const value = definedValue(btf, map);
    if (value !== undefined) found.set(map.name, value);
  }
  for (const type of btf.types) {
    if (type.kind !== "func" || !type.name.startsWith(EVENT)) continue;
    const proto = btf.types[type.type];
    const param = proto?.kind === "funcProto" ? proto.params[0] : undefined;
    const pointer = param === undefined ? undefined : resolve(btf, param.type).type;
    if (pointer?.kind !== "ptr") continue;
    const name = type.name.slice(EVENT.length);
    const map = known.get(name);
    if (map === undefined)
      throw new Failure("skeleton", { kind: "event-map-unknown", map: name, maps: [...known.keys()] });
    const other = found.get(map.name);
    if (other !== undefined && resolve(btf, other).id !== resolve(btf, pointer.type).id) {
      const types = [spell(btf, other), spell(btf, pointer.type)] as const;
      throw new Failure("skeleton", { kind: "event-type-conflict", map: map.name, types: [...types] });
    }
    found.set(map.name, pointer.type);
  }
  return found;
}

/** The globals that count the events that found no room, by the name of the map. */
export function dropCounters(
  maps: readonly MapDefinition[],
  sections: readonly DataSection[],
): ReadonlyMap<string, { section: string; offset: number }> {
  const found = new Map<string, { section: string; offset: number }>();
  const known = new Set(maps.filter(carriesEvents).map(({ name }) => name));
  for (const { name: section, variables } of sections)
    for (const { name, size, offset } of variables) {
      const map = name.slice(0, -DROPS.length);
      if (name.endsWith(DROPS) && size === 8 && known.has(map)) found.set(map, { section, offset });
    }
  return found;
}
