import type { Target } from "../config/discover.ts";
import { EMBEDDED_ADDON } from "../facts/embedded.ts";
import { aboutAssets } from "./about.ts";
import { executableAddon } from "./addon.ts";
import { btfAssets } from "./btf.ts";
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
 * Writes NAME.cache: what V8 has compiled of the script, which saves an executable a third of its start. The Node that is
 * embedded makes it, because only the same version can read it.
 */
export function codeCache({ host }: PlanInput, { name }: Target): Step {
  const script = output(`${name}.cjs`);
  const cache = cacheFile(name);
  const { executable } = host.node;
  return {
    id: `cache:${name}`,
    label: "CACHE",
    subject: `${name}.cache`,
    argv: ["bpf-app", "code-cache", "--node", executable, "--script", script, { out: cache }],
    inputs: [executable, script],
    outputs: [cache],
    tools: [host.self],
  };
}

function cacheFile(name: string): string {
  return output(`${name}.cache`);
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
 * Packs the script and the addon into NAME.blob, and puts that blob into the copy of Node, which gives dist/NAME. The
 * blob is made by the Node that is embedded, because only the same version can read it. dist/NAME appears after the step
 * `check` has succeeded, which runs meanwhile.
 */
export function sea(input: PlanInput, target: Target, check?: string): Step[] {
  const { host } = input;
  const { name, skeletons } = target;
  const script = output(`${name}.cjs`);
  const left = trimFile(name);
  const blob = output(`${name}.blob`);
  const addon = executableAddon(input, target);
  const assets = [
    ...(addon.file === undefined ? [] : [[`${EMBEDDED_ADDON}.node`, addon.file] as const]),
    ...btfAssets(input, skeletons),
    ...aboutAssets(host, name),
  ];
  return [
    ...addon.steps,
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
        "--code-cache",
        cacheFile(name),
        "--guard",
        guardFile(name),
        ...assets.flatMap(([key, file]) => ["--asset", `${key}=${file}`]),
        { out: blob },
      ],
      inputs: [
        host.node.executable,
        script,
        cacheFile(name),
        guardFile(name),
        ...assets.map(([, file]) => file),
      ],
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

/**
 * The plan with one more step, which makes the executable of the target `name` once more, in .output, as the plan has it
 * made in dist/.
 */
export function seaElsewhere(
  steps: readonly Step[],
  name: string,
): { readonly id: string; readonly out: string; readonly steps: Step[] } {
  const [id, out] = [`verify:${name}`, output(`verify/${name}`)];
  const again = steps
    .filter((step) => step.id === `sea:${name}`)
    .map((step) => ({
      ...step,
      id,
      subject: out,
      argv: step.argv.map((word) => (typeof word === "string" ? word : { out })),
      outputs: [out],
    }));
  return { id, out, steps: [...steps, ...again] };
}
