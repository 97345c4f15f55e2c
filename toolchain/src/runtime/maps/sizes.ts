import { mapTypeName } from "../../facts/map-types.ts";
import type { MapInfo, Native } from "../native.ts";
import type { Codec } from "../spec.ts";
import type { BpfMap } from "./map.ts";

type Sized = Pick<Codec<unknown>, "ctype" | "size">;

/**
 * The kernel copies keys and values as large as the map has them, from and to memory that is as large as the types say.
 * The two differ if the map was resized, got another type or was replaced before load, or was pinned and is opened with
 * the types of another one. Then each copy would overwrite what lies behind that memory.
 *
 * @param key undefined for a map without keys
 * @param value undefined if nobody said what the values are
 * @throws `TypeError` if one of them differs
 */
export function checkSizes(map: BpfMap, key: Sized | undefined, value: Sized | undefined): void {
  const { info } = map;
  checkSize(map.name, "keys", info.keySize, key);
  checkSize(map.name, "values", valueBytes(map.session.native, info), value);
}

function checkSize(map: string, what: "keys" | "values", bytes: number, type: Sized | undefined): void {
  if (bytes === (type?.size ?? 0)) return;
  const known = type
    ? `they were declared as ${type.ctype}, which has ${type.size}`
    : "their type is not known";
  throw new TypeError(
    `the ${what} of map ${map} have ${bytes} bytes, but ${known}\n  ` +
      "Declare the map in C as it is to be loaded, or give openPinned() the types it was made with.",
  );
}

/** What the kernel copies as one value: of a per-CPU map, one for each possible CPU, at multiples of 8 bytes. */
function valueBytes(native: Native, { type, valueSize }: MapInfo): number {
  if (!mapTypeName(type)?.includes("percpu")) return valueSize;
  return ((valueSize + 7) & ~7) * native.possibleCpus();
}
