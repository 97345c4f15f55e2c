import { Failure } from "../base/failure.ts";
import { unchecked } from "../plan/types.ts";
import type { BuildReport } from "../report/build.ts";
import { PLAN_FORMATS } from "../report/plan.ts";
import { explainPlan } from "../run/index.ts";
import { type BuildOptions, build, runOptions } from "./build.ts";
import { prepare } from "./prepare.ts";
import type { Call } from "./verb.ts";

interface Options extends BuildOptions {
  readonly plan: string | undefined;
  readonly "dry-run": boolean;
  readonly check: boolean;
}

/**
 * `bpf-app build`: builds the app. With --plan or --dry-run it only tells what would be built.
 * @throws Failure usage, bad-choice; and of any other layer
 */
export async function buildVerb({ root, assignments, options }: Call<Options>): Promise<BuildReport> {
  const { jobs, plan: format } = options;
  if (jobs !== undefined && !(Number.isInteger(jobs) && jobs > 0))
    throw new Failure("cli", {
      kind: "usage",
      message: "-j takes the number of commands that run at once, which is at least 1.",
      verb: "build",
    });
  // `--plan` without a format stands for the text.
  const wanted = format === "" ? "text" : format;
  const known = PLAN_FORMATS.find((one) => one === wanted);
  if (wanted !== undefined && !known)
    throw new Failure("cli", {
      kind: "bad-choice",
      verb: "build",
      what: "--plan",
      given: wanted,
      known: PLAN_FORMATS,
    });
  const whole = await prepare(root, assignments);
  const prepared = options.check ? whole : { ...whole, steps: unchecked(whole.steps) };
  if (known) return { plan: prepared.steps, format: known };
  if (!options["dry-run"]) {
    await build(prepared, options);
    return undefined;
  }
  const { signal } = new AbortController();
  const engine = { ...runOptions(prepared, options, signal), jobs: 1, listener: () => {} };
  return { explanations: explainPlan(prepared.steps, engine) };
}
