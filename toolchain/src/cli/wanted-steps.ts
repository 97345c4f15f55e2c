import { Failure } from "../base/failure.ts";
import type { Config } from "../config/load.ts";
import type { Prepared } from "./prepare.ts";

export interface Wanted {
  /** Programs by name; none means all. */
  readonly targets: readonly string[];
  /** Stop before the executables: what `dev` needs, which for an older Node is the script too. */
  readonly upTo?: "addon" | "script";
}

/**
 * Ids of the steps that the named targets end in. A target is a program: `bootstrap` means dist/bootstrap.
 * @returns undefined for the whole plan
 * @throws Failure unknown-target
 */
export function wantedSteps({ config, steps }: Prepared, { targets, upTo }: Wanted): string[] | undefined {
  if (targets.length === 0 && upTo === undefined) return undefined;
  const known = config.programs.map((program) => program.name);
  const names = targets.length > 0 ? targets : known;
  return names.flatMap((name) => {
    if (!known.includes(name)) throw new Failure("config", { kind: "unknown-target", name, known });
    const script = upTo === "script" ? [`bundle:${name}`] : [];
    const ids = upTo ? [...addonsOf(config, name), ...script] : [`sea:${name}`];
    const present = ids.filter((id) => steps.some((step) => step.id === id));
    // A program without a user side of its own ends with its addon.
    return present.length > 0 ? present : [`addon:${name}`, `skel.ts:${name}`];
  });
}

function addonsOf(config: Config, name: string): string[] {
  const skeletons = config.targets.find((target) => target.name === name)?.skeletons ?? [name];
  return skeletons.flatMap((skeleton) => [`addon:${skeleton}`, `skel.ts:${skeleton}`]);
}
