import type { Target } from "../config/discover.ts";
import { aboutAssets } from "./about.ts";
import { usesFile } from "./bundle.ts";
import { DIST, NODE_BASE, output, type PlanInput } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * Makes a copy of Node without its symbol tables, and without the symbols that it exports and no addon needs, which saves
 * 20 MB in every executable. This is done before the injection, because stripping the finished executable would break it.
 */
export function nodeBase({ host }: PlanInput): Step {
  return {
    id: "node",
    label: "STRIP",
    subject: "node",
    argv: ["bpf-app", "strip-base", host.node.executable, { out: NODE_BASE }],
    inputs: [host.node.executable],
    outputs: [NODE_BASE],
    tools: [host.self],
    shared: true,
  };
}

/**
 * Finds out what else of Node dist/NAME can do without: locales, and the compiler for TypeScript. That depends on the
 * script, unless the setting says which locales are kept, and is written down for the step that makes dist/NAME.
 */
function trim({ config, host }: PlanInput, name: string): Step {
  const uses = usesFile(name);
  const { locales } = config.values;
  return {
    id: `trim:${name}`,
    label: "TRIM",
    subject: `${name}.trim`,
    argv: [
      "bpf-app",
      "trim",
      "--base",
      NODE_BASE,
      "--uses",
      uses,
      ...(locales === "" ? [] : ["--locales", locales]),
      { out: trimFile(name) },
      { out: guardFile(name) },
    ],
    inputs: [NODE_BASE, uses],
    outputs: [trimFile(name), guardFile(name)],
    tools: [host.self],
    shared: true,
  };
}

/** What goes before the script, for whoever asks for a locale that was left out. */
function guardFile(name: string): string {
  return output(`${name}.guard.js`);
}

function trimFile(name: string): string {
  return output(`${name}.trim`);
}

/**
 * Packs the script and the addons into NAME.blob, and puts that blob into the copy of Node, which gives dist/NAME. The
 * blob is made by the Node that is embedded, because only the same version can read it. dist/NAME appears after the step
 * `check` has succeeded, which runs meanwhile.
 */
export function sea(input: PlanInput, { name, skeletons }: Target, check?: string): Step[] {
  const { host } = input;
  const script = output(`${name}.cjs`);
  const left = trimFile(name);
  const blob = output(`${name}.blob`);
  const assets = aboutAssets(host, name);
  const addons = skeletons.map((skeleton) => output(`${skeleton}.node`));
  return [
    trim(input, name),
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
        "--guard",
        guardFile(name),
        ...skeletons.flatMap((skeleton) => ["--asset", `${skeleton}.node=${output(`${skeleton}.node`)}`]),
        ...assets.flatMap(([key, file]) => ["--asset", `${key}=${file}`]),
        { out: blob },
      ],
      inputs: [host.node.executable, script, guardFile(name), ...addons, ...assets.map(([, file]) => file)],
      outputs: [blob],
      tools: [host.self],
    },
    {
      id: `sea:${name}`,
      label: "SEA",
      subject: `dist/${name}`,
      argv: [
        "bpf-app",
        "inject",
        "--base",
        NODE_BASE,
        "--blob",
        blob,
        "--trim",
        left,
        { out: `${DIST}/${name}` },
      ],
      inputs: [NODE_BASE, blob, left],
      outputs: [`${DIST}/${name}`],
      tools: [host.self],
      ...(check === undefined ? {} : { publishAfter: [check] }),
    },
  ];
}
