import { before, kernelVersion } from "../facts/kernel-version.ts";
import { capabilitiesIn } from "../facts/process-status.ts";
import type { App } from "./app.ts";
import { containerOf } from "./container.ts";
import type { Finding } from "./finding.ts";
import { type Machine, statusOf, textOf } from "./machine.ts";

/** What the finding about locked memory is named. */
export const LOCKED = "locked memory";

/** Programs and the kernel's own part of each map, with room to spare, in bytes. */
const REST = 1 << 20;

/** Before Linux 5.11 maps and programs count as locked memory. */
export function memlock(app: App, machine: Machine): Finding | undefined {
  if (!before(kernelVersion(machine.release), [5, 11])) return undefined;
  const limits = textOf(machine, "/proc/self/limits");
  const soft = /^Max locked memory\s+(\S+)/m.exec(limits ?? "")?.[1];
  if (soft === undefined)
    return { subject: LOCKED, state: "ok", detail: "not to be read how much it may be" };
  if (soft === "unlimited") return { subject: LOCKED, state: "ok", detail: "unlimited" };
  const detail = `${soft} bytes`;
  // libbpf raises the limit itself, for which it takes this capability.
  if (capabilitiesIn(statusOf(machine)).has("CAP_SYS_RESOURCE"))
    return { subject: LOCKED, state: "ok", detail: `${detail}, which the app may raise` };
  const need = app.objects
    .flatMap(({ maps }) => maps)
    .reduce((sum, map) => sum + map.maxEntries * (map.keySize + map.valueSize), 0);
  if (Number(soft) > 2 * need + REST) return { subject: LOCKED, state: "ok", detail };
  return {
    subject: LOCKED,
    state: "error",
    detail,
    why: "Before Linux 5.11 programs and maps count as locked memory, and this process may not raise its limit.",
    fix: `${raise(machine)}\nOr give it CAP_SYS_RESOURCE too, with which it raises the limit itself.`,
  };
}

function raise(machine: Machine): string {
  const command = containerOf(machine)?.command;
  return command === undefined
    ? "ulimit -l unlimited (LimitMEMLOCK=infinity in a systemd unit)"
    : `${command} --ulimit memlock=-1:-1 …`;
}
