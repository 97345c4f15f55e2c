import { output, type PlanInput } from "./inputs.ts";
import type { Step } from "./step.ts";

/** The id of the step that checks the types. */
export const TYPES = "types";

/**
 * Checks the types of the whole project with the app's own TypeScript: of the user sides and their tests, against the
 * generated skeletons and the declarations of all packages. What tsc has read stands in the file that it keeps of a
 * project, so any of these files, wherever it lies, makes this step run again.
 *
 * Undefined where the app has no tsconfig.json or no TypeScript.
 */
export function types({ config, host }: PlanInput): Step | undefined {
  const { typescript: project, programs } = config;
  const { typescript, node } = host;
  if (!project || !typescript) return undefined;
  const info = output("types.tsbuildinfo");
  return {
    id: TYPES,
    label: "TSC",
    subject: "tsconfig.json",
    argv: [
      node.executable,
      typescript.path,
      "--noEmit",
      "-p",
      "tsconfig.json",
      "--incremental",
      "--tsBuildInfoFile",
      { out: info },
    ],
    inputs: [...project.configs, ...project.files, ...programs.map(({ name }) => output(`${name}.skel.ts`))],
    outputs: [info],
    depfile: info,
    tools: [typescript],
    coloring: ["--pretty"],
    failing: {
      what: "The app does not type-check.",
      next: "Correct what the messages above point to and build again; dist/ is as it was. To build without checking: npm run build -- --no-check",
    },
  };
}

/** A plan without the check, and with no step that waits for it. */
export function unchecked(steps: readonly Step[]): Step[] {
  return steps
    .filter(({ id }) => id !== TYPES)
    .map((step) => {
      const { publishAfter = [], ...rest } = step;
      const others = publishAfter.filter((id) => id !== TYPES);
      return others.length > 0 ? { ...rest, publishAfter: others } : rest;
    });
}
