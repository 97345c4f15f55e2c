import type { Target } from "../config/discover.ts";
import { EMBEDDED_ADDON } from "../facts/embedded.ts";
import { aboutAssets } from "./about.ts";
import { executableAddon } from "./addon.ts";
import { btfAssets } from "./btf.ts";
import { usesFile } from "./bundle.ts";
import { built, embeddedNode, executable, NODE_BASE, output, type PlanInput } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * Makes a copy of Node without its symbol tables, and without the symbols that it exports and no addon needs, which saves
 * 20 MB in every executable. This is done before the injection, because stripping the finished executable would break it.
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
 * Writes NAME.cache: what V8 has compiled of the script, which saves an executable a third of its start. The Node that is
 * embedded makes it, because only the same version for the same processor can read it. So there is none in an executable for
 * another machine than this one.
 */
export function codeCache({ host }: PlanInput, { name }: Target): Step | undefined {
  if (host.cross) return undefined;
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
function trim(input: PlanInput, name: string): Step {
  const { config, host } = input;
  const base = built(input, NODE_BASE);
  const uses = usesFile(name);
  const made = trimFiles(input, name);
  const { locales } = config.values;
  return {
    id: `trim:${name}`,
    label: "TRIM",
    subject: `${name}.trim`,
    argv: [
      "bpf-app",
      "trim",
      "--base",
      base,
      "--uses",
      uses,
      ...(locales === "" ? [] : ["--locales", locales]),
      { out: made.parts },
      { out: made.guard },
    ],
    inputs: [base, uses],
    outputs: [made.parts, made.guard],
    tools: [host.self],
    shared: true,
  };
}

/** What is left out of Node, and what goes before the script for whoever asks for a locale that is. */
function trimFiles(input: PlanInput, name: string): { readonly parts: string; readonly guard: string } {
  return { parts: built(input, `${name}.trim`), guard: built(input, `${name}.guard.js`) };
}

/**
 * Packs the script and the addon into NAME.blob, and puts that blob into the copy of Node, which gives dist/NAME. The
 * blob is made by the app's own Node, because only the same version as it can read it, and that is the version which is
 * embedded. dist/NAME appears after the step `check` has succeeded, which runs meanwhile.
 */
export function sea(input: PlanInput, target: Target, check?: string): Step[] {
  const { host } = input;
  const { name, skeletons } = target;
  const script = output(`${name}.cjs`);
  const base = built(input, NODE_BASE);
  const file = executable(input, name);
  const { parts, guard } = trimFiles(input, name);
  const cache = host.cross ? [] : [cacheFile(name)];
  const blob = built(input, `${name}.blob`);
  const addon = executableAddon(input, target);
  const assets = [
    ...(addon.file === undefined ? [] : [[`${EMBEDDED_ADDON}.node`, addon.file] as const]),
    ...btfAssets(input, skeletons),
    ...aboutAssets(input, name),
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
        ...cache.flatMap((made) => ["--code-cache", made]),
        "--guard",
        guard,
        ...assets.flatMap(([key, file]) => ["--asset", `${key}=${file}`]),
        { out: blob },
      ],
      inputs: [host.node.executable, script, ...cache, guard, ...assets.map(([, file]) => file)],
      outputs: [blob],
      tools: [host.self],
    },
    {
      id: `sea:${name}`,
      label: "SEA",
      subject: file,
      argv: ["bpf-app", "inject", "--base", base, "--blob", blob, "--trim", parts, { out: file }],
      inputs: [base, blob, parts],
      outputs: [file],
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
