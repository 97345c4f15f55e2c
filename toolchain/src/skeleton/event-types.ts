import { Failure } from "../base/failure.ts";
import type { Btf } from "../btf/types.ts";
import { type Dwarf, readDwarf } from "../elf/dwarf.ts";
import { type ElfObject, readElf } from "../elf/read.ts";
import { carriesEvents, declaredEvents } from "./events.ts";
import { Adopter } from "./infer/adopt.ts";
import { findInBtf, findInDwarf, typeNames } from "./infer/by-name.ts";
import { type Inferred, inferEvents, type Unknown } from "./infer/infer.ts";
import type { MapDefinition } from "./maps.ts";

/** A type of events that the app's configuration names. */
export interface WantedEvent {
  readonly map: string;
  /** As C spells it: `struct event`. */
  readonly type: string;
}

/** What is known of the events of an object's maps. */
export interface EventTypes {
  /** The object's BTF, with the types that only its debugging information had. */
  readonly btf: Btf;
  /** BTF ids, by the name of the map. */
  readonly types: ReadonlyMap<string, number>;
  /** The maps whose type was inferred from what the program sends. */
  readonly inferred: ReadonlySet<string>;
  readonly untyped: readonly { readonly map: string; readonly reason: Unknown }[];
}

/** From what the types of events are found. */
export interface EventSources {
  readonly btf: Btf;
  readonly maps: readonly MapDefinition[];
  /** The object as the compiler wrote it: its instructions are the same, and it has debugging information as well. */
  readonly compiled: Uint8Array;
  readonly wanted: readonly WantedEvent[];
}

/**
 * Finds the types of the events of each map that carries events: what the configuration says comes first, then what
 * the source declares, and then what can be inferred from the instructions.
 * @throws Failure event-map-unknown, event-type-conflict, event-type-unknown
 */
export function findEventTypes(sources: EventSources): EventTypes {
  const { maps } = sources;
  const declared = declaredEvents(sources.btf, maps);
  const wanted = byMap(maps, sources.wanted);
  const unknown = maps.filter(
    (map) => carriesEvents(map) && !declared.has(map.name) && !wanted.has(map.name),
  );
  if (unknown.length === 0 && wanted.size === 0)
    return { btf: sources.btf, types: declared, inferred: new Set(), untyped: [] };
  const elf = readElf(sources.compiled);
  const adoption = new Adoption(sources.btf, elf);
  const types = new Map(declared);
  for (const [map, type] of wanted) types.set(map, adoption.named(map, type));
  const valuesOf = (map: string) => maps.find(({ name }) => name === map)?.value;
  const names = unknown.filter(({ type }) => SENT_TO.has(type)).map(({ name }) => name);
  const found = inferEvents(elf, names, { btf: sources.btf, dwarf: adoption.dwarf, valuesOf });
  const inferred = new Set<string>();
  const untyped: { map: string; reason: Unknown }[] = unknown
    .filter(({ type }) => !SENT_TO.has(type))
    .map(({ name: map }) => ({ map, reason: { why: "from-user" } }));
  for (const [map, result] of found) {
    const type = "why" in result ? undefined : adoption.inferred(result);
    if (type === undefined) {
      untyped.push({ map, reason: "why" in result ? result : { why: "untyped-send" } });
      continue;
    }
    types.set(map, type);
    inferred.add(map);
  }
  return { btf: adoption.btf, types, inferred, untyped };
}

/** The types of maps to which programs send. What user space sends to a program, no instruction of it has a type for. */
const SENT_TO: ReadonlySet<string> = new Set(["ringbuf", "perf_event_array"]);

/** The wanted types, by the name of the map. */
function byMap(maps: readonly MapDefinition[], wanted: readonly WantedEvent[]): Map<string, string> {
  const known = maps.filter(carriesEvents).map(({ name }) => name);
  for (const { map, type } of wanted)
    if (!known.includes(map))
      throw new Failure("skeleton", { kind: "event-map-unknown", map, maps: known, type });
  return new Map(wanted.map(({ map, type }) => [map, type]));
}

/** Types that are looked for in BTF first and then in DWARF, from which they are then taken over. */
class Adoption {
  readonly dwarf: Dwarf | undefined;
  readonly #given: Btf;
  readonly #adopter: Adopter | undefined;

  constructor(given: Btf, elf: ElfObject) {
    this.#given = given;
    this.dwarf = readDwarf(elf);
    this.#adopter = this.dwarf && new Adopter(given, this.dwarf);
  }

  get btf(): Btf {
    return this.#adopter?.btf ?? this.#given;
  }

  /** @throws Failure event-type-unknown */
  named(map: string, type: string): number {
    const given = findInBtf(this.#given, type);
    if (given !== undefined) return given;
    const entry = this.dwarf && findInDwarf(this.dwarf, type);
    const id = entry && this.#take(entry);
    if (id !== undefined) return id;
    const known = typeNames(this.#given, this.dwarf);
    throw new Failure("skeleton", { kind: "event-type-unknown", map, type, known });
  }

  inferred(found: Exclude<Inferred, Unknown>): number | undefined {
    return "btf" in found ? found.btf : this.#take(found.dwarf);
  }

  #take(entry: Parameters<Adopter["adopt"]>[0]): number | undefined {
    try {
      return this.#adopter?.adopt(entry);
    } catch (error) {
      // The type contains itself, or more types than any event does.
      if (error instanceof RangeError) return undefined;
      throw error;
    }
  }
}
