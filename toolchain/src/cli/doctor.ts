import { existsSync, readFileSync } from "node:fs";
import { release } from "node:os";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Target } from "../config/discover.ts";
import { loadConfig } from "../config/load.ts";
import { machineOf, neededCapabilities, setcap, together } from "../facts/capabilities.ts";
import { examine, type Finding } from "../host/examine.ts";
import { partsOf } from "../skeleton/parts.ts";
import type { Call } from "./verb.ts";

/**
 * Looks at everything that building and running need. Of a target that is built it says what capabilities it takes.
 * @throws Failure of the layer config
 */
export async function doctor({ root, assignments }: Omit<Call<unknown>, "options">): Promise<Finding[]> {
  const config = await loadConfig(root, assignments, process.env);
  const targets = config.targets.flatMap((target) => privileges(root, target) ?? []);
  return [...examine(config, process.env), ...targets];
}

/** What an executable takes on this machine; undefined if it is not built. */
function privileges(root: string, { name, skeletons }: Target): Finding | undefined {
  const file = `dist/${name}`;
  const objects = skeletons.map((skeleton) => join(root, `.output/${skeleton}.bpf.o`));
  if (!existsSync(join(root, file)) || !objects.every((object) => existsSync(object))) return undefined;
  try {
    const needed = neededCapabilities(
      together(objects.map((object) => partsOf(readFileSync(object)))),
      machineOf(release(), paranoid()),
    );
    const names = needed.map(({ capability }) => capability);
    return { subject: file, state: "ok", detail: `needs root, or: sudo ${setcap(names, file)}` };
  } catch (error) {
    if (error instanceof Failure) return { subject: file, state: "limited", detail: "", error };
    throw error;
  }
}

function paranoid(): string | undefined {
  const file = "/proc/sys/kernel/perf_event_paranoid";
  return existsSync(file) ? readFileSync(file, "latin1") : undefined;
}
