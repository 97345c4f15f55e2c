import { sizeOf } from "../../btf/layout.ts";
import type { Btf } from "../../btf/types.ts";
import { readElf, SHT, STT } from "../../elf/read.ts";
import { findEventTypes, type WantedEvent } from "../event-types.ts";
import { type MapDefinition, readMaps } from "../maps.ts";
import { readObject } from "../object.ts";
import type { TypeIn } from "./difference.ts";

/** A variable of a data section, static ones included. */
export interface SectionVariable {
  readonly name: string;
  /** Undefined where the object does not describe its type. */
  readonly type: TypeIn | undefined;
  readonly at: number;
  readonly size: number;
}

/** A data section: its variables in the order of their places, and its initial values. */
export interface SectionImage {
  readonly size: number;
  readonly variables: readonly SectionVariable[];
  readonly bytes: Uint8Array;
}

/** The bytes that a program's object was built as. */
export interface ObjectBytes {
  /** `NAME.bpf.o` */
  readonly linked: Uint8Array;
  /** `NAME.tmp.bpf.o`, from whose debugging information the types of events are inferred. */
  readonly compiled: Uint8Array;
  /** The types of events that the configuration names. */
  readonly events: readonly WantedEvent[];
}

/** What maps and data sections of an object are like. */
export interface Layout {
  readonly btf: Btf;
  readonly maps: ReadonlyMap<string, MapDefinition>;
  /** What comes out of the maps that carry events. */
  readonly events: ReadonlyMap<string, TypeIn>;
  readonly sections: ReadonlyMap<string, SectionImage>;
}

/**
 * Reads what an object's maps and sections are like.
 * @throws Failure of the layers elf, btf and skeleton
 */
export function readLayout({ linked, compiled, events }: ObjectBytes): Layout {
  const { btf, maps: vars } = readObject(linked);
  const maps = readMaps(btf, vars, () => undefined);
  const typing = findEventTypes({ btf, maps, compiled, wanted: events });
  return {
    btf,
    maps: new Map(maps.map((map) => [map.name, map])),
    events: new Map([...typing.types].map(([map, id]) => [map, { btf: typing.btf, id }])),
    sections: sections(linked, btf),
  };
}

function sections(linked: Uint8Array, btf: Btf): Map<string, SectionImage> {
  const elf = readElf(linked);
  const found = new Map<string, SectionImage>();
  for (const { name, index, type, size, data } of elf.sections) {
    if (!/^\.(bss|data)(\.|$)/.test(name) || size === 0) continue;
    const types = typesByName(btf);
    const symbols = elf.symbols.filter((symbol) => symbol.section === index && symbol.type === STT.OBJECT);
    const variables = symbols
      .sort((a, b) => a.value - b.value)
      .map((symbol) => {
        const id = types.get(symbol.name)?.shift();
        const bytes = Math.max(symbol.size, id === undefined ? 0 : (sizeOf(btf, id) ?? 0));
        const type = id === undefined ? undefined : { btf, id };
        return { name: symbol.name, type, at: symbol.value, size: bytes };
      });
    found.set(name, { size, variables, bytes: type === SHT.NOBITS ? new Uint8Array(size) : data });
  }
  return found;
}

/** The types of all variables. Static ones in several files may have one name. */
function typesByName(btf: Btf): Map<string, number[]> {
  const types = new Map<string, number[]>();
  for (const type of btf.types)
    if (type.kind === "var") types.set(type.name, [...(types.get(type.name) ?? []), type.type]);
  return types;
}
