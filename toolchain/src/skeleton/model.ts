import type { Btf } from "../btf/types.ts";
import { settleAlignment } from "./alignment.ts";
import { Budget } from "./budget.ts";
import type { Comments } from "./comments.ts";
import { type EventTypes, findEventTypes, type WantedEvent } from "./event-types.ts";
import { definedValue, dropCounters } from "./events.ts";
import type { TypedMap } from "./map-types.ts";
import { type MapDefinition, readMaps } from "./maps.ts";
import { Module } from "./module.ts";
import { nameTypes } from "./name-types.ts";
import { identifier, Names } from "./names.ts";
import { ARENA, type BpfObject, type DataSection, readObject } from "./object.ts";
import { settleOverlaps } from "./overlaps.ts";
import { hasBytes, type Member, type Shape, shapeSize } from "./shape.ts";
import { Shapes } from "./shapes.ts";

/** A data section, with its names in the generated file. */
export interface Section {
  /** The name of its property in the skeleton. */
  readonly property: string;
  /** `.data.hot` */
  readonly name: string;
  /** In bytes. */
  readonly size: number;
  readonly className: string;
  readonly members: readonly Member[];
}

/** Everything from which a skeleton is written. */
export interface Model {
  readonly name: string;
  /** The name of the skeleton's type and object in the generated file. */
  readonly local: string;
  readonly object: BpfObject;
  readonly shapes: Shapes;
  readonly maps: readonly TypedMap[];
  readonly sections: readonly Section[];
  readonly mod: Module;
  readonly comments: Comments;
  readonly untyped: EventTypes["untyped"];
}

/** What a skeleton is made of, beside the object itself. */
export interface ModelOptions {
  readonly comments: Comments;
  /** The object before it was linked, which still has its debugging information. Default: the object. */
  readonly compiled?: Uint8Array | undefined;
  /** The types of events that the app's configuration names. */
  readonly events: readonly WantedEvent[];
}

/** Reads an object, and determines what the skeleton contains, the names of its parts, and where they lie. */
export function modelOf(
  name: string,
  bytes: Uint8Array,
  { comments, compiled, events }: ModelOptions,
): Model {
  const object = readObject(bytes);
  const budget = new Budget();
  const definitions = readMaps(object.btf, object.maps, (map) => comments.place("", map));
  const typing = findEventTypes({
    btf: object.btf,
    maps: definitions,
    compiled: compiled ?? bytes,
    wanted: events,
  });
  const shapes = new Shapes(typing.btf, comments.place, budget);
  for (const { name: each } of [...definitions, ...object.programs, ...object.sections, ...object.structOps])
    budget.spend(each);
  const drops = dropCounters(definitions, object.sections);
  const properties = Names.forProperties();
  const sections = shapeSections(object, shapes, comments, budget);
  const maps = [
    ...definitions.map((map) => ({
      ...typedMap(typing.btf, map, shapes, properties.take(map.name), typing.types.get(map.name)),
      inferred: typing.inferred.has(map.name),
      dropped: dropped(drops.get(map.name), sections),
    })),
    ...object.sections
      .filter(({ name: each }) => each !== ARENA)
      .map((section) => sectionMap(section, properties)),
    ...object.structOps.map((ops) => opaqueMap(ops.name, properties.take(ops.name), "struct_ops")),
  ];
  settleAlignment(shapes.structs, roots(maps, sections));
  settleOverlaps(shapes.structs);
  const names = Names.forModule();
  const local = names.take(name);
  nameTypes(shapes, names);
  const classes = sections.map((section) => ({
    ...section,
    className: names.take(`${local}_${section.property}`),
  }));
  const mod = new Module(names);
  return { name, local, object, shapes, maps, sections: classes, mod, comments, untyped: typing.untyped };
}

function shapeSections(
  object: BpfObject,
  shapes: Shapes,
  comments: Comments,
  budget: Budget,
): Omit<Section, "className">[] {
  const properties = Names.forProperties();
  return object.sections
    .filter((section) => section.variables.length > 0)
    .map((section) => ({
      property: properties.take(sectionProperty(section.name)),
      name: section.name,
      size: section.size,
      members: variables(section, shapes, comments, budget),
    }));
}

/** The property of a section, as in libbpf's skeletons: `data_hot` for `.data.hot`. */
function sectionProperty(name: string): string {
  if (name === ARENA) return "arena";
  return identifier(name.slice(1));
}

function variables(section: DataSection, shapes: Shapes, comments: Comments, budget: Budget): Member[] {
  const names = Names.forProperties();
  const members = section.variables.map(({ name, type, offset, size }) => {
    budget.spend(name);
    const shape = shapes.shape(type, { of: `global ${name}`, place: comments.place("", name) }, name);
    return { name, property: names.take(name), shape, offset, size, inUnion: false, flexible: false };
  });
  return members.map((member) => ({
    ...member,
    bytesProperty: hasBytes(member) ? names.take(`${member.property}$bytes`) : "",
  }));
}

/** `event` is the BTF id of the type of the map's events. */
function typedMap(
  btf: Btf,
  map: MapDefinition,
  shapes: Shapes,
  property: string,
  event = definedValue(btf, map),
): TypedMap {
  const shape = (what: "key" | "value", id: number | undefined) =>
    id === undefined
      ? undefined
      : shapes.shape(id, { of: `${what} of map ${map.name}` }, `${map.name}_${what}`);
  return {
    ...map,
    property,
    key: shape("key", map.key),
    value: shape("value", event),
    inner: map.inner && typedMap(btf, map.inner, shapes, ""),
  };
}

/** Where the events of a map are counted that found no room. */
function dropped(
  counter: { section: string; offset: number } | undefined,
  sections: readonly Omit<Section, "className">[],
): TypedMap["dropped"] {
  if (counter === undefined) return undefined;
  const section = sections.find(({ name }) => name === counter.section);
  return section && { section: section.property, offset: counter.offset };
}

function opaqueMap(name: string, property: string, type: string): TypedMap {
  const sizes = { keySize: 4, valueSize: 0, maxEntries: 1, flags: 0 };
  return { name, property, type, key: undefined, value: undefined, inner: undefined, ...sizes };
}

/** Data sections are maps as well: arrays with one element. */
function sectionMap(section: DataSection, properties: Names): TypedMap {
  const property = properties.take(sectionProperty(section.name));
  return { ...opaqueMap(section.name, property, "array"), valueSize: section.size, section: section.name };
}

function roots(
  maps: readonly TypedMap[],
  sections: readonly Pick<Section, "members">[],
): { shape: Shape; at: number }[] {
  const ofMaps = (map: TypedMap | undefined): { shape: Shape; at: number }[] =>
    map === undefined
      ? []
      : [
          ...[map.key, map.value].flatMap((shape) => (shape ? [{ shape, at: shapeSize(shape) }] : [])),
          ...ofMaps(map.inner),
        ];
  return [
    ...maps.flatMap(ofMaps),
    ...sections.flatMap(({ members }) => members.map(({ shape, offset }) => ({ shape, at: offset }))),
  ];
}
