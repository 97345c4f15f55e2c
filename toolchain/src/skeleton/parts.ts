import type { ObjectParts } from "../facts/capabilities.ts";
import { readMaps } from "./maps.ts";
import { readObject } from "./object.ts";

/**
 * What of a linked `.bpf.o` decides on the capabilities that its app needs.
 * @throws Failure of the layers skeleton, btf and elf
 */
export function partsOf(bytes: Uint8Array): ObjectParts {
  const { programs, maps, btf, helpers, subtracts } = readObject(bytes);
  return { programs, maps: readMaps(btf, maps, () => undefined), helpers, subtracts };
}
