import type { Step } from "../plan/step.ts";

/**
 * What a step sees of the caller's environment. Everything else (CPATH, LIBRARY_PATH, MAKEFLAGS, NODE_OPTIONS, …)
 * would change results behind the plan's back and stays outside; a plan that wants a variable sets it in `env`.
 *
 * PATH, HOME and TMPDIR are not part of what is built: programs count by the identity of `tools`, and the other two
 * only say where scratch files may go.
 */
const passed = ["PATH", "HOME", "TMPDIR", "USER", "LOGNAME"];

/** These reach the bytes of outputs (dates, the libraries a compiler itself runs with) and are compared. */
const compared = ["SOURCE_DATE_EPOCH", "LD_LIBRARY_PATH"];

/** The part of a step's environment that its outputs depend on. */
export function comparedEnvironment(step: Step, env: NodeJS.ProcessEnv): Record<string, string> {
  return { ...pick(env, compared), ...step.env };
}

/** Everything a step's command runs with. Messages are in English and sorting is by bytes on every machine. */
export function stepEnvironment(step: Step, env: NodeJS.ProcessEnv): Record<string, string> {
  return { ...pick(env, passed), ...pick(env, compared), LANG: "C", LC_ALL: "C", ...step.env };
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
