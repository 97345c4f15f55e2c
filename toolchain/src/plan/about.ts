import type { Target } from "../config/discover.ts";
import type { Host } from "../host/probe.ts";
import { LIBBPF, LIBELF, NODE_SUM, output, type PlanInput, ZLIB } from "./inputs.ts";
import { noticesFiles } from "./notices.ts";
import type { Step } from "./step.ts";

/** Sums up the Node that is embedded, which no app changes, once for all apps. */
export function nodeSum({ host }: PlanInput): Step {
  return {
    id: "node.sha256",
    label: "SUM",
    subject: "node.sha256",
    argv: ["bpf-app", "sha256", host.node.executable],
    inputs: [host.node.executable],
    outputs: [NODE_SUM],
    stdout: NODE_SUM,
    tools: [host.self],
    shared: true,
  };
}

/**
 * Writes NAME.about.json, which says what dist/NAME is made of: versions, origins and commits of what is linked into it, and
 * the sha256 of the files that it is made from. `bpf-app inspect` reads it out of the executable.
 */
export function about({ config, host }: PlanInput, { name, files, skeletons }: Target): Step {
  const made = aboutFile(name);
  const programs = config.programs.filter((program) => skeletons.includes(program.name));
  const sources = [...new Set(programs.flatMap(({ source, headers }) => [source, ...headers]))].sort();
  const libraries = [LIBBPF, LIBELF, ZLIB];
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
      ...[...sources, ...libraries].flatMap((file) => ["--input", file]),
      "--sum",
      `node=${NODE_SUM}`,
    ],
    inputs: ["package.json", ...files, ...sources, ...libraries, NODE_SUM, ...(host.sources.records ?? [])],
    outputs: [made],
    stdout: made,
    tools: [host.self],
  };
}

/** The file that says what a target is made of. */
function aboutFile(name: string): string {
  return output(`${name}.about.json`);
}

/**
 * What is put into an executable beside its addons, by the names that inspect/ reads it under: what it is made of, the
 * licences of that, its bill of materials, and the code that the switch BPF_APP runs, which lies in this package and is evaluated for that switch only.
 */
export function aboutAssets(host: Host, name: string): (readonly [key: string, file: string])[] {
  return [
    ["about.json", aboutFile(name)],
    ["licenses.json", noticesFiles(name).licences],
    ["sbom.json", noticesFiles(name).sbom],
    ["bpf-app.cjs", `${host.toolchain.dir}/dist/itself.cjs`],
  ];
}
