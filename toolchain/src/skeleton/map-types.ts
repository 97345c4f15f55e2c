import { MAP_CLASSES, type MapClassName, mapTypeFacts } from "../facts/map-types.ts";
import { codecExpression } from "./access.ts";
import type { Module } from "./module.ts";
import { innermost, type Shape } from "./shape.ts";
import { plainType } from "./types.ts";

/** A map of the object, with its types as shapes. Sizes are in bytes. */
export interface TypedMap {
  readonly name: string;
  /** The name of its property in `maps`. */
  readonly property: string;
  /** The type of map, as in the table of `facts/map-types.ts`, or `type_NUMBER` for one that is newer. */
  readonly type: string;
  /** Undefined if the definition gives only a size. */
  readonly key: Shape | undefined;
  /** Undefined if the definition gives only a size. */
  readonly value: Shape | undefined;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  /** The definition of the inner maps, for a map of maps. */
  readonly inner: TypedMap | undefined;
  /** The name of the data section that the map contains, if it is one of these. */
  readonly section?: string | undefined;
  /** Whether nothing declares the events' type, and it was inferred from what the program sends. */
  readonly inferred?: boolean;
  /** Where the events are counted that found no room: the property of a section, and an offset in it. */
  readonly dropped?: { readonly section: string; readonly offset: number } | undefined;
}

/** The runtime's class for a map. That of a data section needs none of its own, because one uses the section. */
function className(map: TypedMap): MapClassName {
  return (map.section === undefined && mapTypeFacts(map.type)?.class) || "BpfMap";
}

/** The TypeScript type of keys or values. Without a declared type they are bytes. */
const untyped = (shape: Shape | undefined): string => (shape === undefined ? "Uint8Array" : plainType(shape));

/** The TypeScript type of a map: `HashMap<number, event>`. */
export function mapType(mod: Module, map: TypedMap): string {
  const name = className(map);
  const local = mod.useType(name);
  const args = [...MAP_CLASSES[name]].flatMap((letter) => {
    if (letter === "K") return [untyped(map.key)];
    if (letter === "V") return [untyped(map.value)];
    if (letter === "W") return map.value?.kind === "struct" ? [viewArgument(map.value)] : [];
    if (letter === "M") return [map.inner === undefined ? mod.useType("BpfMap") : mapType(mod, map.inner)];
    return [untyped(map.value), viewArgument(map.value)];
  });
  return args.length === 0 ? local : `${local}<${args.join(", ")}>`;
}

/** The type of what `consume` passes on, and of an element in place: the view if the event's type has one, otherwise the value. */
function viewArgument(shape: Shape | undefined): string {
  if (shape === undefined) return "Uint8Array";
  return shape.kind === "struct" ? shape.decl.viewName : plainType(shape);
}

/** The MapSpec of a map, as lines of an object literal. */
export function mapSpec(mod: Module, map: TypedMap, indent: string): string[] {
  const inner = map.inner === undefined ? [] : [`inner: ${inlineSpec(mod, map.inner)},`];
  const dropped =
    map.dropped === undefined
      ? []
      : [`dropped: { section: ${JSON.stringify(map.dropped.section)}, offset: ${map.dropped.offset} },`];
  return [
    ...scalars(mod, map),
    ...inner,
    ...dropped,
    ...(map.section === undefined ? [] : [`section: ${JSON.stringify(map.section)},`]),
  ].map((line) => indent + line);
}

function scalars(mod: Module, map: TypedMap): string[] {
  return [
    `name: ${JSON.stringify(map.name)},`,
    `type: ${JSON.stringify(map.type)},`,
    ...side(mod, "key", map.key, map.keySize),
    ...side(mod, "value", map.value, carriesEvents(map) ? 0 : map.valueSize),
    `keySize: ${map.keySize},`,
    `valueSize: ${map.valueSize},`,
    `maxEntries: ${map.maxEntries},`,
    `flags: ${map.flags},`,
  ];
}

function carriesEvents(map: TypedMap): boolean {
  return MAP_CLASSES[className(map)] === "E";
}

function side(mod: Module, name: string, shape: Shape | undefined, size: number): string[] {
  if (shape !== undefined) {
    const codec = codecExpression(mod, shape, 8);
    const exact = name === "key" && hasText(shape) ? mod.hoist(`${mod.use("exactly")}(${codec})`) : codec;
    return [`${name}: ${exact},`];
  }
  return size === 0 ? [] : [`${name}: ${mod.hoist(`${mod.use("bytes")}(${size})`)},`];
}

/** Whether a struct contains text. As a key it is found again only if all bytes of the text are kept. */
function hasText(shape: Shape): boolean {
  return (
    shape.kind === "struct" &&
    shape.decl.members.some(({ shape }) => innermost(shape).kind === "chars" || hasText(innermost(shape)))
  );
}

function inlineSpec(mod: Module, map: TypedMap): string {
  return `{ ${scalars(mod, map).join(" ").slice(0, -1)} }`;
}
