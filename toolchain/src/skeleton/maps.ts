import { Failure } from "../base/failure.ts";
import { resolve, sizeOf } from "../btf/layout.ts";
import type { Btf, BtfComposite, BtfSecVar } from "../btf/types.ts";
import { mapTypeName } from "../facts/map-types.ts";
import type { Place } from "./failures.ts";

/** The definition of a map in the section `.maps`. Sizes are in bytes. */
export interface MapDefinition {
  readonly name: string;
  /** The type of map, as in the table of `facts/map-types.ts`, or `type_NUMBER` for one that is newer. */
  readonly type: string;
  /** The BTF id of the key's type. */
  readonly key?: number;
  /** The BTF id of the value's type. */
  readonly value?: number;
  readonly keySize: number;
  readonly valueSize: number;
  readonly maxEntries: number;
  readonly flags: number;
  readonly inner?: MapDefinition;
}

/** How many members a definition may have. Real ones have about ten. */
const MEMBERS_MAX = 64;
/** How many maps a program may have. Real ones have at most some dozens. */
const MAPS_MAX = 4096;

/** What `__uint`, `__ulong`, `__type` and `__array` put into a definition, by the member's name. */
interface Fields {
  readonly numbers: Map<string, number>;
  /** The BTF ids of key and value. */
  readonly pointees: Map<string, number>;
  /** The BTF id of the elements of `values`. */
  readonly values: number | undefined;
}

/**
 * Reads the definitions of the maps, which are the variables of the section `.maps`.
 *
 * @param locate finds the place of a map's definition in the sources, for messages
 * @throws Failure map-malformed, skeleton-too-large
 */
export function readMaps(
  btf: Btf,
  vars: readonly BtfSecVar[],
  locate: (map: string) => Place | undefined,
): MapDefinition[] {
  if (vars.length > MAPS_MAX)
    throw new Failure("skeleton", { kind: "skeleton-too-large", what: `more than ${MAPS_MAX} maps` });
  return vars.map((entry) => {
    const variable = btf.types[entry.type];
    const name = variable?.name ?? "";
    const malformed = (what: string): never => {
      const place = locate(name);
      throw new Failure("skeleton", { kind: "map-malformed", map: name, what, place });
    };
    if (variable?.kind !== "var") return malformed("it is not a variable");
    const { type } = resolve(btf, variable.type);
    if (type.kind !== "struct") return malformed("its type is not a struct");
    return definition(btf, name, type, malformed, 0);
  });
}

function definition(
  btf: Btf,
  name: string,
  struct: BtfComposite,
  malformed: (what: string) => never,
  depth: number,
): MapDefinition {
  const { numbers, pointees, values } = readFields(btf, struct, malformed);
  const number = numbers.get("type");
  if (number === undefined) return malformed("it has no __uint(type, …)");
  const size = (what: "key" | "value") => {
    const type = pointees.get(what);
    const own = type === undefined ? undefined : sizeOf(btf, type);
    if (type !== undefined && own === undefined) return malformed(`its ${what} has a type without a size`);
    return own ?? numbers.get(`${what}_size`) ?? 0;
  };
  const inner = values === undefined ? undefined : innerDefinition(btf, values, malformed, depth);
  const [key, value] = [pointees.get("key"), pointees.get("value")];
  return {
    name,
    type: mapTypeName(number) ?? `type_${number}`,
    ...(key === undefined ? {} : { key }),
    ...(value === undefined ? {} : { value }),
    keySize: size("key"),
    valueSize: size("value"),
    maxEntries: numbers.get("max_entries") ?? 0,
    flags: numbers.get("map_flags") ?? 0,
    ...(inner === undefined ? {} : { inner }),
  };
}

function readFields(btf: Btf, struct: BtfComposite, malformed: (what: string) => never): Fields {
  const numbers = new Map<string, number>();
  const pointees = new Map<string, number>();
  let values: number | undefined;
  if (struct.members.length > MEMBERS_MAX) malformed("it has too many members");
  for (const member of struct.members) {
    const { type } = resolve(btf, member.type);
    const [enumerator] = type.kind === "enum" ? type.values : [];
    if (enumerator !== undefined) numbers.set(member.name, Number(enumerator.value));
    else if (member.name === "values" && type.kind === "array") values = type.type;
    else if (type.kind !== "ptr")
      malformed(`its member ${member.name} was not made by __uint, __type or __array`);
    else if (member.name === "key" || member.name === "value") pointees.set(member.name, type.type);
    else {
      const target = resolve(btf, type.type).type;
      if (target.kind === "array") numbers.set(member.name, target.length);
      else malformed(`its member ${member.name} was not made by __uint`);
    }
  }
  return { numbers, pointees, values };
}

/** Reads `__array(values, struct inner)`: an array of pointers to a definition of the inner maps, or to programs. */
function innerDefinition(
  btf: Btf,
  values: number,
  malformed: (what: string) => never,
  depth: number,
): MapDefinition | undefined {
  const pointer = resolve(btf, values).type;
  if (pointer.kind !== "ptr") return malformed("its values are not pointers");
  const { type } = resolve(btf, pointer.type);
  if (type.kind !== "struct") return undefined;
  // The kernel allows maps in maps, but not one more level.
  if (depth > 0) return malformed("an inner map has inner maps");
  return definition(btf, "", type, malformed, depth + 1);
}
