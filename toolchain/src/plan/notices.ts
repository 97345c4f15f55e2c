import type { Target } from "../config/discover.ts";
import { bundledPackages } from "./bundle.ts";
import { built, libraries, NODE_SUM, OUTPUT, output, type PlanInput } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * Writes two assets of dist/NAME: the licences of all that is in it, and its bill of materials as far as a build knows it.
 * Which packages of npm those are, the bundle tells.
 */
export function notices(input: PlanInput, { name }: Target): Step {
  const { host } = input;
  const { node, toolchain, sources, self, licences = [] } = host;
  const packages = bundledPackages(name);
  const depfile = built(input, `${name}.licenses.d`);
  const made = noticesFiles(input, name);
  const sum = built(input, NODE_SUM);
  return {
    id: `notices:${name}`,
    label: "LICENSES",
    subject: `${name}.licenses.json`,
    argv: [
      "bpf-app",
      "notices",
      name,
      { out: made.licences },
      { out: made.sbom },
      "--node",
      node.executable,
      "--include",
      node.include,
      "--version",
      node.version,
      ...(node.licence === undefined ? [] : ["--licence", node.licence]),
      "--sum",
      sum,
      "--packages",
      packages,
      "--toolchain",
      toolchain.dir,
      "--addon-api",
      toolchain.nodeAddonApi,
      "--archives",
      host.cross ? output(host.arch.node) : OUTPUT,
      "--depfile",
      { out: depfile },
    ],
    inputs: [
      "package.json",
      packages,
      sum,
      ...libraries(input),
      ...(node.licence === undefined ? [] : [node.licence]),
      ...licences,
      ...(sources.records ?? []),
    ],
    outputs: [made.licences, made.sbom],
    depfile,
    tools: [self],
  };
}

/** The files of a target's licences and of its bill of materials. */
export function noticesFiles(
  input: PlanInput,
  name: string,
): { readonly licences: string; readonly sbom: string } {
  return { licences: built(input, `${name}.licenses.json`), sbom: built(input, `${name}.sbom.json`) };
}
