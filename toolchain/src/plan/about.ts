import type { Target } from "../config/discover.ts";
import { built, embeddedNode, libraries, NODE_SUM, type PlanInput } from "./inputs.ts";
import { noticesFiles } from "./notices.ts";
import type { Step } from "./step.ts";

/** Sums up the Node that is embedded, which no app changes, once for all apps. */
export function nodeSum(input: PlanInput): Step {
  const node = embeddedNode(input);
  const sum = built(input, NODE_SUM);
  return {
    id: "node.sha256",
    label: "SUM",
    subject: "node.sha256",
    argv: ["bpf-app", "sha256", node],
    inputs: [node],
    outputs: [sum],
    stdout: sum,
    tools: [input.host.self],
    shared: true,
  };
}

/**
 * Writes NAME.about.json, which says what dist/NAME is made of: versions, origins and commits of what is linked into it, and
 * the sha256 of the files that it is made from. `bpf-app inspect` reads it out of the executable.
 */
export function about(input: PlanInput, { name, files, skeletons }: Target): Step {
  const { config, host } = input;
  const made = aboutFile(input, name);
  const sum = built(input, NODE_SUM);
  const programs = config.programs.filter((program) => skeletons.includes(program.name));
  const sources = [...new Set(programs.flatMap(({ source, headers }) => [source, ...headers]))].sort();
  const linked = libraries(input);
  return {
    id: `about:${name}`,
    label: "ABOUT",
    subject: `${name}.about.json`,
    argv: [
      "bpf-app",
      "about",
      name,
      "--node",
      host.node.version,
      "--arch",
      host.arch.node,
      ...skeletons.flatMap((skeleton) => ["--skeleton", skeleton]),
      ...files.flatMap((file) => ["--entry", file]),
      ...[...sources, ...linked].flatMap((file) => ["--input", file]),
      "--sum",
      `node=${sum}`,
    ],
    inputs: ["package.json", ...files, ...sources, ...linked, sum, ...(host.sources.records ?? [])],
    outputs: [made],
    stdout: made,
    tools: [host.self],
  };
}

/** The file that says what a target is made of. */
function aboutFile(input: PlanInput, name: string): string {
  return built(input, `${name}.about.json`);
}

/**
 * What is put into an executable beside its addons, by the names that inspect/ reads it under: what it is made of, the
 * licences of that, its bill of materials, and the code that the switch BPF_APP runs, which lies in this package and is evaluated for that switch only.
 */
export function aboutAssets(input: PlanInput, name: string): (readonly [key: string, file: string])[] {
  return [
    ["about.json", aboutFile(input, name)],
    ["licenses.json", noticesFiles(input, name).licences],
    ["sbom.json", noticesFiles(input, name).sbom],
    ["bpf-app.cjs", `${input.host.toolchain.dir}/dist/itself.cjs`],
  ];
}
