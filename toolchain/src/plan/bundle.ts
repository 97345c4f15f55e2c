import type { Target } from "../config/discover.ts";
import { output, type PlanInput } from "./inputs.ts";
import type { Step } from "./step.ts";

/** The file that says what of Node a target's script uses that could be left out. */
export function usesFile(name: string): string {
  return output(`${name}.uses.json`);
}

/** Bundles src/NAME.ts and everything that it imports into one script, NAME.cjs. */
export function bundle({ config, host }: PlanInput, { name, entry, skeletons }: Target): Step {
  const script = output(`${name}.cjs`);
  const depfile = output(`${name}.cjs.d`);
  const packages = bundledPackages(name);
  const uses = usesFile(name);
  return {
    id: `bundle:${name}`,
    label: "BUNDLE",
    subject: `${name}.cjs`,
    argv: [
      "bpf-app",
      "bundle",
      entry,
      { out: script },
      "--depfile",
      { out: depfile },
      "--uses",
      { out: uses },
      "--node",
      host.node.version,
      "--packages",
      { out: packages },
      ...config.values.esbuild.map((flag) => `--esbuild=${flag}`),
    ],
    inputs: [entry, ...skeletons.map((skeleton) => output(`${skeleton}.skel.ts`))],
    outputs: [script, uses, packages],
    depfile,
    tools: [host.self],
  };
}

/** The file that names the folders of the packages that are in a target's script. */
export function bundledPackages(name: string): string {
  return output(`${name}.packages.json`);
}
