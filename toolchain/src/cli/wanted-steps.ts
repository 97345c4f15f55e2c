import { Failure } from "../base/failure.ts";
import type { Config } from "../config/load.ts";
import type { Prepared } from "./prepare.ts";

/** Which part of an app is to be built. */
export interface Wanted {
  /** The names of programs. An empty list stands for all of them. */
  readonly targets: readonly string[];
  /** `dev` needs no executables: it stops at the addon or, for an older Node, at the bundled script. */
  readonly upTo?: "addon" | "script";
  /** The ids of further steps. Those that the plan does not have are left out. */
  readonly also?: readonly string[];
}

/**
 * The ids of the steps that make the wanted results. A target is the name of a program or of a user side:
 * `bootstrap` stands for dist/bootstrap.
 * @returns undefined if the whole plan is wanted
 * @throws Failure unknown-target
 */
export function wantedSteps(
  { config, steps }: Prepared,
  { targets, upTo, also = [] }: Wanted,
): string[] | undefined {
  if (targets.length === 0 && upTo === undefined) return undefined;
  const known = knownNames(config);
  const names = targets.length > 0 ? targets : known;
  const more = also.filter((id) => steps.some((step) => step.id === id));
  const wanted = names.flatMap((name) => {
    if (!known.includes(name)) throw new Failure("config", { kind: "unknown-target", name, known });
    const script = upTo === "script" ? [`bundle:${name}`] : [];
    const ids = upTo ? [...addonsOf(config, name), ...script] : [`sea:${name}`];
    const present = ids.filter((id) => steps.some((step) => step.id === id));
    // A program without a user side of its own ends with its addon.
    return present.length > 0 ? present : [`addon:${name}`, `skel.ts:${name}`];
  });
  return [...wanted, ...more];
}

/** What may be named to be built: each program, and each user side. */
export function knownNames({ programs, targets }: Config): string[] {
  return [...new Set([...programs, ...targets].map(({ name }) => name))];
}

function addonsOf(config: Config, name: string): string[] {
  const skeletons = config.targets.find((target) => target.name === name)?.skeletons ?? [name];
  return skeletons.flatMap((skeleton) => [`addon:${skeleton}`, `skel.ts:${skeleton}`, `btf:${skeleton}`]);
}
