import type { Assignments } from "../config/assignments.ts";
import { type Config, loadConfig } from "../config/load.ts";
import { type Host, probeHost } from "../host/probe.ts";
import { plan } from "../plan/plan.ts";
import type { Step } from "../plan/step.ts";

/** What every verb that looks at the build begins with. */
export interface Prepared {
  readonly config: Config;
  readonly host: Host;
  readonly steps: readonly Step[];
}

/**
 * config → host → plan, of the app in `root`.
 * @throws Failure of the layers config and host
 */
export async function prepare(root: string, assignments: Assignments): Promise<Prepared> {
  const config = await loadConfig(root, assignments, process.env);
  const host = probeHost(config, process.env);
  return { config, host, steps: plan({ config, host }) };
}
