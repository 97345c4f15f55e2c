import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Config } from "../config/load.ts";
import { built } from "../plan/inputs.ts";
import { readMaps } from "../skeleton/maps.ts";
import { readObject } from "../skeleton/object.ts";
import type { SkeletonJob } from "../verdict/protocol.ts";
import type { Prepared } from "./prepare.ts";
import { knownNames } from "./wanted-steps.ts";

/**
 * The skeletons of the named programs, or of all: those that a user side imports, or the one of the same name.
 * @throws Failure unknown-target
 */
export function skeletonsOf(config: Config, targets: readonly string[]): string[] {
  const known = knownNames(config);
  const names = (targets.length > 0 ? targets : known).flatMap((name) => {
    if (!known.includes(name)) throw new Failure("config", { kind: "unknown-target", name, known });
    const target = config.targets.find((one) => one.name === name);
    return target?.skeletons ?? [name];
  });
  const all = config.programs.map((program) => program.name);
  return [...new Set(targets.length > 0 ? names : [...all, ...names])];
}

/**
 * What the runner has to know of a skeleton, from its linked object.
 * @throws Failure of the layers skeleton, btf and elf
 */
export function skeletonJob({ config: { root }, host }: Prepared, name: string): SkeletonJob {
  const object = readObject(readFileSync(join(root, built({ host }, `${name}.bpf.o`))));
  const maps = readMaps(object.btf, object.maps, () => undefined);
  return {
    name,
    programs: object.programs,
    maps: maps.map((map) => ({
      name: map.name,
      type: map.type,
      maxEntries: map.maxEntries,
      valueSize: map.valueSize,
      typed: map.value !== undefined,
    })),
    structOps: object.structOps.map((one) => one.name),
    helpers: object.helpers,
    subtracts: object.subtracts,
  };
}
