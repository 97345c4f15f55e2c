import { Failure } from "../base/failure.ts";
import type { Assignments } from "../config/assignments.ts";
import { type Config, loadConfig } from "../config/load.ts";
import { type Host, probeHost } from "../host/probe.ts";
import { plan } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";

/** What every verb needs that builds or that looks at the plan. */
export interface Prepared {
  readonly config: Config;
  readonly host: Host;
  readonly steps: readonly Step[];
}

/**
 * Refuses to run here what is built for another architecture.
 * @throws Failure other-machine
 */
export function requireOwnMachine({ host }: Prepared, verb: string): void {
  if (host.cross) throw new Failure("cli", { kind: "other-machine", verb, arch: host.arch.node });
}

/**
 * Loads the configuration of the app in `root`, looks at this machine, and makes the plan.
 * @throws Failure of the layers config and host
 */
export async function prepare(root: string, assignments: Assignments): Promise<Prepared> {
  const config = await loadConfig(root, assignments, process.env);
  const host = probeHost(config, process.env);
  return { config, host, steps: plan({ config, host }) };
}
