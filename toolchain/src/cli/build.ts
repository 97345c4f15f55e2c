import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import type { ConfigFailure } from "../config/failures.ts";
import type { Config } from "../config/load.ts";
import type { Words } from "../config/words.ts";
import { writeCompileCommands } from "../plan/compile-commands.ts";
import type { Step } from "../plan/step.ts";
import { openReport, type ReportStyle } from "../report/report.ts";
import { runPlan } from "../run/index.ts";
import { ACTIONS } from "./actions.ts";
import { prepare } from "./prepare.ts";

export interface BuildOptions {
  readonly targets: readonly string[];
  readonly jobs?: number | undefined;
  readonly json?: boolean;
  readonly explain?: boolean;
  readonly timings?: boolean;
  /** Stop before the executables: what `dev` needs, which for an older Node is the script too. */
  readonly upTo?: "addon" | "script";
}

/**
 * Builds the app in `root`: all of it, or the targets named.
 * @throws Failure of any layer
 */
export async function build(
  root: string,
  assignments: Words["assignments"],
  options: BuildOptions,
): Promise<void> {
  const { config, steps } = await prepare(root, assignments);
  writeCompileCommands(root, steps);
  const style: ReportStyle = {
    json: options.json ?? false,
    verbose: config.values.verbose === "1",
    explain: options.explain ?? false,
    timings: options.timings ?? false,
  };
  const report = await openReport(root, style);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  try {
    await runPlan(steps, {
      root,
      jobs: options.jobs ?? availableParallelism(),
      actions: ACTIONS,
      cache: cacheFolder(),
      listener: report.listen,
      signal: stop.signal,
      env: process.env,
      targets: wantedSteps(config, steps, options),
    });
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
    await report.close();
  }
}

/** The per-user cache, where the XDG base directory specification has it. BPF_APP_CACHE=off does without. */
export function cacheFolder(): string | undefined {
  const said = process.env.BPF_APP_CACHE;
  if (said === "off") return undefined;
  return said ?? join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bpf-app", "build");
}

/** Ids of the steps that the named targets end in. A target is a program: `bootstrap` means dist/bootstrap. */
export function wantedSteps(
  config: Config,
  steps: readonly Step[],
  { targets, upTo }: Pick<BuildOptions, "targets" | "upTo">,
): string[] | undefined {
  if (targets.length === 0 && upTo === undefined) return undefined;
  const known = config.programs.map((program) => program.name);
  const names = targets.length > 0 ? targets : known;
  return names.flatMap((name) => {
    if (!known.includes(name)) throw new Failure<ConfigFailure>({ kind: "unknown-target", name, known });
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
