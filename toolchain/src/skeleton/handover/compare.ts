import type { Carried, MapShape, Parts, WantedMap } from "../../facts/handover.ts";
import { mapTypeName } from "../../facts/map-types.ts";
import type { MapDefinition } from "../maps.ts";
import { difference, type TypeIn, tied } from "./difference.ts";
import type { Layout, SectionImage, SectionVariable } from "./object.ts";
import { partsOf } from "./parts.ts";

/** What becomes of a map when an app starts again. */
export type Fate =
  | {
      readonly kept: true;
      /** Of a data section: what is written as a whole, and what of it has another initial value now. */
      readonly parts?: readonly Parts[];
      readonly edited?: readonly Parts[];
    }
  | {
      readonly kept: false;
      /** The rest of a sentence. */
      readonly why: string;
      /** Of a data section: the variables that are copied. */
      readonly carried?: readonly Carried[];
    };

/** What a map was created like by the app that runs, and from which object. */
export interface Held {
  readonly shape: MapShape;
  readonly layout: Layout;
}

/** Says what becomes of each map that an app is about to load, where there is one of the same name. */
export function fates(
  held: ReadonlyMap<string, Held>,
  wanted: readonly WantedMap[],
  now: Layout,
): Map<string, Fate> {
  const found = new Map<string, Fate>();
  for (const map of wanted) {
    const before = held.get(map.name);
    if (before === undefined) continue;
    const section = now.sections.get(map.name);
    found.set(
      map.name,
      section
        ? sectionFate(before.layout.sections.get(map.name), section, before.shape, map)
        : mapFate(before, map, now),
    );
  }
  return withoutStrangers(found, wanted, now);
}

function mapFate(before: Held, wanted: WantedMap, now: Layout): Fate {
  const [was, is] = [before.layout.maps.get(wanted.name), now.maps.get(wanted.name)];
  const why =
    (was && is && definitionDifference(was, before.layout, is, now)) ?? shapeDifference(before.shape, wanted);
  return why === undefined ? { kept: true } : { kept: false, why };
}

function definitionDifference(
  was: MapDefinition,
  before: Layout,
  is: MapDefinition,
  now: Layout,
): string | undefined {
  if (was.type !== is.type) return undefined;
  const keys = typeDifference("key", side(before, was.key), side(now, is.key));
  if (keys !== undefined) return keys;
  const [sent, sends] = [before.events.get(was.name), now.events.get(is.name)];
  if (sent || sends) return typeDifference("events", sent, sends);
  const values = typeDifference("value", side(before, was.value), side(now, is.value));
  if (values !== undefined) return values;
  const value = side(now, is.value);
  const bound = value && tied(value);
  if (bound !== undefined) return bound;
  if (was.inner && is.inner) {
    const inner =
      definitionDifference(was.inner, before, is.inner, now) ??
      shapeDifference(declared(was.inner), declared(is.inner));
    return inner && `of its inner maps, ${inner}`;
  }
  return undefined;
}

function declared(map: MapDefinition): MapShape {
  const { keySize, valueSize, maxEntries, flags } = map;
  // Only the numbers are compared with each other: the types of maps were compared by name.
  return { type: 0, keySize, valueSize, maxEntries, flags };
}

function side({ btf }: Layout, id: number | undefined): TypeIn | undefined {
  return id === undefined ? undefined : { btf, id };
}

function typeDifference(what: string, was: TypeIn | undefined, now: TypeIn | undefined): string | undefined {
  // Without a type there is a size, which is compared too.
  if (was === undefined && now === undefined) return undefined;
  const plural = what === "events";
  if (was === undefined) return `its ${what} ${plural ? "have" : "has"} a type now`;
  if (now === undefined) return `its ${what} ${plural ? "have" : "has"} no type any more`;
  const found = difference(was, now);
  return found?.startsWith("changed from ") ? `its ${what} ${found}` : found;
}

function shapeDifference(was: MapShape, now: MapShape): string | undefined {
  if (was.type !== now.type) return `its type changed from ${typeName(was.type)} to ${typeName(now.type)}`;
  const numbers = [
    ["key_size", was.keySize, now.keySize],
    ["value_size", was.valueSize, now.valueSize],
    ["max_entries", was.maxEntries, now.maxEntries],
    ["map_flags", was.flags, now.flags],
  ] as const;
  const changed = numbers.filter(([, before, after]) => before !== after);
  if (changed.length === 0) return undefined;
  return changed.map(([name, before, after]) => `its ${name} changed from ${before} to ${after}`).join(", ");
}

function typeName(type: number): string {
  return mapTypeName(type) ?? String(type);
}

/** Types of maps that hold other maps. */
const OUTER: ReadonlySet<string> = new Set(["array_of_maps", "hash_of_maps"]);

/**
 * A map of maps may hold maps of the object by their definition. Where one of those starts anew, the outer map would still
 * hold the old one, so that it starts anew, too.
 */
function withoutStrangers(
  found: Map<string, Fate>,
  wanted: readonly WantedMap[],
  now: Layout,
): Map<string, Fate> {
  const anew = wanted.filter(({ name }) => !found.get(name)?.kept);
  for (const { name } of wanted) {
    const definition = now.maps.get(name);
    if (!definition || !OUTER.has(definition.type) || !found.get(name)?.kept) continue;
    const inner = anew.find((map) => typeName(map.type) === definition.inner?.type);
    if (inner)
      found.set(name, { kept: false, why: `it may hold ${inner.name}, which is another map from now on` });
  }
  return found;
}

function sectionFate(
  was: SectionImage | undefined,
  now: SectionImage,
  held: MapShape,
  wanted: MapShape,
): Fate {
  if (was === undefined) return { kept: false, why: "it is new" };
  const changes = variableChanges(was, now);
  const resized = shapeDifference(held, wanted);
  if (changes.length === 0 && resized === undefined && was.size === now.size) {
    const parts = now.variables.flatMap(parted);
    return { kept: true, parts, edited: differing(parts, was.bytes, now.bytes) };
  }
  const carried = now.variables.flatMap((variable) => carriedOf(was, now, variable));
  return { kept: false, why: changes.join(", ") || resized || "its variables have moved", carried };
}

function parted({ type, at, size }: SectionVariable): Parts[] {
  return type ? partsOf(type, at, size) : [{ at, size, count: 1, stride: size }];
}

function variableChanges(was: SectionImage, now: SectionImage): string[] {
  const before = new Map(was.variables.map((variable) => [variable.name, variable]));
  const names = new Set(now.variables.map(({ name }) => name));
  const changes: string[] = [];
  let moved = false;
  for (const variable of now.variables) {
    const old = before.get(variable.name);
    if (old === undefined) changes.push(`\`${variable.name}\` is new`);
    else {
      const changed = variableDifference(old, variable);
      if (changed !== undefined) changes.push(changed);
      moved ||= old.at !== variable.at;
    }
  }
  for (const { name } of was.variables) if (!names.has(name)) changes.push(`\`${name}\` is gone`);
  return changes.length === 0 && moved ? ["its variables have moved"] : changes;
}

function variableDifference(was: SectionVariable, now: SectionVariable): string | undefined {
  const found = was.type && now.type && difference(was.type, now.type);
  if (found !== undefined) return found.startsWith("changed from ") ? `\`${now.name}\` ${found}` : found;
  return was.size === now.size ? undefined : `\`${now.name}\` has ${now.size} bytes, and had ${was.size}`;
}

/** A variable whose value is copied: it is the same one, and its initial value is, too. */
function carriedOf(was: SectionImage, now: SectionImage, variable: SectionVariable): Carried[] {
  const old = was.variables.find(({ name }) => name === variable.name);
  if (old === undefined || variableDifference(old, variable) !== undefined) return [];
  const { size } = variable;
  const [before, after] = [
    was.bytes.subarray(old.at, old.at + size),
    now.bytes.subarray(variable.at, variable.at + size),
  ];
  return Buffer.compare(before, after) === 0 ? [{ from: old.at, to: variable.at, size }] : [];
}

/** Those parts, one by one, whose initial values differ. */
function differing(parts: readonly Parts[], was: Uint8Array, now: Uint8Array): Parts[] {
  const found: Parts[] = [];
  for (const { at, size, count, stride } of parts)
    for (let i = 0; i < count; i++) {
      const from = at + i * stride;
      const same = Buffer.compare(was.subarray(from, from + size), now.subarray(from, from + size)) === 0;
      if (!same) found.push({ at: from, size, count: 1, stride: size });
    }
  return found;
}
