import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Config } from "../config/load.ts";
import { runApp } from "./app-process.ts";
import { build } from "./build.ts";
import { prepare, requireOwnMachine } from "./prepare.ts";
import type { Call } from "./verb.ts";

/**
 * Builds dist/NAME and runs it, through sudo unless this user is root, because loading a BPF program needs privileges.
 * It runs in the folder in which the command was typed, so that paths among its arguments mean what they say.
 * @returns the app's exit status
 * @throws Failure other-machine, no-target, which-target, unknown-target, sudo-missing, app-not-started; and what a build throws
 */
export async function start(call: Call<{ readonly name: string | undefined }>): Promise<number> {
  const { root, folder, assignments, options, rest } = call;
  const prepared = await prepare(root, assignments);
  requireOwnMachine(prepared, "start");
  const target = chooseTarget(prepared.config, "start", options.name);
  await build(prepared, { targets: [target] });
  return await runApp(folder, [join(root, "dist", target), ...rest]);
}

/**
 * The target of that name or, without a name, the only target of the app.
 *
 * @param verb the verb for which a target is chosen, for the message
 * @throws Failure other-machine, no-target, which-target, unknown-target
 */
export function chooseTarget(config: Config, verb: string, name: string | undefined): string {
  const known = config.targets.map((target) => target.name);
  if (name !== undefined) {
    if (!known.includes(name)) throw new Failure("config", { kind: "unknown-target", name, known });
    return name;
  }
  const [only, ...others] = known;
  if (only === undefined) throw new Failure("cli", { kind: "no-target" });
  if (others.length > 0) throw new Failure("cli", { kind: "which-target", verb, known });
  return only;
}
