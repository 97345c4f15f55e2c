import type { Step } from "../plan/step.ts";

/**
 * The variables of the caller's environment that a step sees. Others, such as CPATH, LIBRARY_PATH, MAKEFLAGS or
 * NODE_OPTIONS, would change results without the plan knowing of it, so they are not passed on. A plan that wants such
 * a variable sets it in the step's `env`.
 *
 * What is built does not depend on these variables: programs are known by the identity of `tools`, and HOME and TMPDIR
 * only say where temporary files may go.
 */
const PASSED = ["PATH", "HOME", "TMPDIR", "USER", "LOGNAME"];

/** Passed on too, and compared, because outputs depend on them: dates, and the libraries with which a compiler runs. */
const COMPARED = ["SOURCE_DATE_EPOCH", "LD_LIBRARY_PATH"];

/** The part of a step's environment that its outputs depend on. */
export function comparedEnvironment(step: Step, env: NodeJS.ProcessEnv): Record<string, string> {
  return { ...pick(env, COMPARED), ...step.env };
}

/** The environment of a step's command. Messages are in English and sorting is by bytes on every machine. */
export function stepEnvironment(step: Step, env: NodeJS.ProcessEnv): Record<string, string> {
  return { ...pick(env, PASSED), ...pick(env, COMPARED), LANG: "C", LC_ALL: "C", ...step.env };
}

function pick(env: NodeJS.ProcessEnv, names: readonly string[]): Record<string, string> {
  const found: Record<string, string> = {};
  for (const name of names) {
    const value = env[name];
    if (value !== undefined) found[name] = value;
  }
  return found;
}
