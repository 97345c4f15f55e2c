import { MAP_CLASSES, type MapClassName, mapTypeFacts } from "../facts/map-types.ts";
import { codecExpression } from "./access.ts";
import type { Module } from "./module.ts";
import type { Shape } from "./shape.ts";
import { plainType } from "./types.ts";

/** A map with its types as shapes. */
export interface TypedMap {
  readonly name: string;
  readonly property: string;
  readonly type: string;
  readonly key: Shape | undefined;
  readonly value: Shape | undefined;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly inner: TypedMap | undefined;
  readonly section?: string | undefined;
  readonly dropped?: { readonly section: string; readonly offset: number } | undefined;
}

/** The runtime's class; the map of a data section is read through the section. */
function className(map: TypedMap): MapClassName {
  return (map.section === undefined && mapTypeFacts(map.type)?.class) || "BpfMap";
}

/** Of a map without a declared type: as many bytes as its size says. */
const untyped = (shape: Shape | undefined): string => (shape === undefined ? "Uint8Array" : plainType(shape));

/** `HashMap<number, event>`. */
export function mapType(mod: Module, map: TypedMap): string {
  const name = className(map);
  const local = mod.useType(name);
  const args = [...MAP_CLASSES[name]].flatMap((letter) => {
    if (letter === "K") return [untyped(map.key)];
    if (letter === "V") return [untyped(map.value)];
    if (letter === "M") return [map.inner === undefined ? mod.useType("BpfMap") : mapType(mod, map.inner)];
    return [untyped(map.value), viewArgument(map.value)];
  });
  return args.length === 0 ? local : `${local}<${args.join(", ")}>`;
}

/** What `consume` hands out: a view where there is one, else the value. */
function viewArgument(shape: Shape | undefined): string {
  if (shape === undefined) return "Uint8Array";
  return shape.kind === "struct" ? shape.decl.viewName : plainType(shape);
}

/** The MapSpec, as lines of an object literal. */
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

/** A key that has text in a struct is found again only if all the bytes of the text are kept. */
function hasText(shape: Shape): boolean {
  return (
    shape.kind === "struct" &&
    shape.decl.members.some((member) => member.shape.kind === "chars" || hasText(member.shape))
  );
}

function inlineSpec(mod: Module, map: TypedMap): string {
  return `{ ${scalars(mod, map).join(" ").slice(0, -1)} }`;
}
