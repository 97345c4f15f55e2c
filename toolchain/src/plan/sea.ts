import type { Target } from "../config/discover.ts";
import { aboutAssets } from "./about.ts";
import { built, embeddedNode, executable, NODE_BASE, output, type PlanInput } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * Makes a copy of Node without its symbol tables, which saves 17 MB in every executable. This is done before the
 * injection, because stripping the finished executable would break it.
 */
export function nodeBase(input: PlanInput): Step {
  const node = embeddedNode(input);
  const base = built(input, NODE_BASE);
  return {
    id: "node",
    label: "STRIP",
    subject: "node",
    argv: ["bpf-app", "strip-base", node, { out: base }],
    inputs: [node],
    outputs: [base],
    tools: [input.host.self],
    shared: true,
  };
}

/**
 * Fetches the Node for another machine, which npm does not install here, by the user's own npm. The archive's integrity is
 * that of the app's lock file, if it has the package, and otherwise what the registry says.
 */
export function fetchedNode(input: PlanInput): Step | undefined {
  const node = input.host.cross?.node;
  if (!node || "executable" in node) return undefined;
  const integrity = node.integrity === "" ? [] : ["--integrity", node.integrity];
  const out = embeddedNode(input);
  return {
    id: "fetch-node",
    label: "FETCH",
    subject: node.package,
    argv: ["bpf-app", "fetch-node", node.package, ...integrity, { out }],
    inputs: [],
    outputs: [out],
    // What a version of a package holds never changes, so that none of our own versions has to fetch it anew.
    tools: [],
    shared: true,
  };
}

/**
 * Packs the script and the addons into NAME.blob, and puts that blob into the copy of Node, which gives dist/NAME. The
 * blob is made by the app's own Node, because only the same version as it can read it, and that is the version which is
 * embedded. dist/NAME appears after the step
 * `check` has succeeded, which runs meanwhile.
 */
export function sea(input: PlanInput, { name, skeletons }: Target, check?: string): Step[] {
  const { host } = input;
  const base = built(input, NODE_BASE);
  const file = executable(input, name);
  const script = output(`${name}.cjs`);
  const blob = built(input, `${name}.blob`);
  const assets = aboutAssets(input, name);
  const addons = skeletons.map((skeleton) => built(input, `${skeleton}.node`));
  return [
    {
      id: `blob:${name}`,
      label: "BLOB",
      subject: `${name}.blob`,
      argv: [
        "bpf-app",
        "blob",
        "--node",
        host.node.executable,
        "--main",
        script,
        ...skeletons.flatMap((skeleton) => [
          "--asset",
          `${skeleton}.node=${built(input, `${skeleton}.node`)}`,
        ]),
        ...assets.flatMap(([key, file]) => ["--asset", `${key}=${file}`]),
        { out: blob },
      ],
      inputs: [host.node.executable, script, ...addons, ...assets.map(([, file]) => file)],
      outputs: [blob],
      tools: [host.self],
    },
    {
      id: `sea:${name}`,
      label: "SEA",
      subject: file,
      argv: ["bpf-app", "inject", "--base", base, "--blob", blob, { out: file }],
      inputs: [base, blob],
      outputs: [file],
      tools: [host.self],
      ...(check === undefined ? {} : { publishAfter: [check] }),
    },
  ];
}
