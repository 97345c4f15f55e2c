import type { App } from "./app.ts";
import { capabilities } from "./capabilities.ts";
import { configuration, kernelConfig } from "./config.ts";
import { allInOne, container } from "./container.ts";
import type { Finding } from "./finding.ts";
import { bpfLsm, btf, jit, lockdown, unprivileged, version } from "./kernel.ts";
import type { Machine } from "./machine.ts";
import { LOCKED, memlock } from "./memlock.ts";
import { mounts } from "./mounts.ts";
import { addresses, perfEvents } from "./perf.ts";
import { proc } from "./proc.ts";
import { systemCalls } from "./seccomp.ts";

/** What these findings are about shows when the programs are loaded, of which they only say what to expect. */
export const PREDICTIONS: readonly string[] = ["kernel", "kernel config", LOCKED];

/**
 * Looks at all of a machine that an app depends on when it runs, without loading anything. A check that does not concern
 * the app gives nothing.
 */
export function examineMachine(app: App, machine: Machine): Finding[] {
  const config = kernelConfig(machine);
  const found: (Finding | readonly Finding[] | undefined)[] = [
    proc(machine),
    container(machine),
    version(app, machine),
    btf(app, machine),
    jit(app, machine, (option) => config?.has(option)),
    lockdown(app, machine, config),
    unprivileged(app, machine),
    perfEvents(app, machine),
    addresses(app, machine),
    configuration(app, machine, config),
    capabilities(app, machine),
    systemCalls(app, machine),
    mounts(app, machine),
    bpfLsm(app, machine),
    memlock(app, machine),
  ];
  return allInOne(
    found.flatMap((one) => one ?? []),
    machine,
  );
}
