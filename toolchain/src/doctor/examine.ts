import type { App } from "./app.ts";
import { capabilities } from "./capabilities.ts";
import { configuration, kernelConfig } from "./config.ts";
import type { Finding } from "./finding.ts";
import { bpfLsm, btf, jit, lockdown, memlock, mounts, unprivileged, version } from "./kernel.ts";
import type { Machine } from "./machine.ts";

/**
 * Looks at all of a machine that an app depends on when it runs, without loading anything. A check that does not concern
 * the app gives nothing.
 */
export function examineMachine(app: App, machine: Machine): Finding[] {
  const config = kernelConfig(machine);
  const found: (Finding | readonly Finding[] | undefined)[] = [
    version(app, machine),
    btf(app, machine),
    jit(app, machine, (option) => config?.has(option)),
    lockdown(app, machine),
    unprivileged(app, machine),
    configuration(app, machine, config),
    capabilities(app, machine),
    mounts(app, machine),
    bpfLsm(app, machine),
    memlock(app, machine),
  ];
  return found.flatMap((one) => one ?? []);
}
