import type { Target } from "../config/discover.ts";
import { commandOf } from "../host/tool.ts";
import { COLORING, compileArgs, HARDENED } from "./compile.ts";
import { built, LIBBPF_HEADERS, libraries, OUTPUT, type PlanInput } from "./inputs.ts";
import type { Step } from "./step.ts";

/** native/module.cc includes the addon's other files, because most of the work is parsing node-addon-api, now once. */
const OBJECT = "addon/module.o";

/** Compiles the part of the addon that all apps share: libbpf's functions for JavaScript. */
export function addonModule(input: PlanInput): Step {
  const { config, host } = input;
  const object = built(input, OBJECT);
  const source = `${host.toolchain.dir}/native/module.cc`;
  const depfile = built(input, "addon/module.d");
  return {
    id: "native",
    label: "CXX",
    subject: "addon/module.o",
    argv: [
      ...commandOf(host.tools.cxx),
      "-std=c++17",
      "-O2",
      "-fPIC",
      "-fvisibility=hidden",
      // JavaScript cannot catch a C++ exception, so the addon reports errors as numbers.
      "-fno-exceptions",
      ...HARDENED,
      "-Wall",
      "-Wextra",
      "-ffunction-sections",
      "-fdata-sections",
      "-isystem",
      host.node.include,
      "-isystem",
      host.toolchain.nodeAddonApi,
      `-I${OUTPUT}`,
      `-I${host.sources.libbpf}/include/uapi`,
      ...compileArgs({ source, object, depfile, flags: config.values.cflags }),
    ],
    inputs: [source, LIBBPF_HEADERS],
    outputs: [object],
    depfile,
    coloring: COLORING,
    tools: [host.tools.cxx],
    shared: true,
  };
}

/** Makes the addon of one program: compiles bpftool's skeleton as C and links it with the shared part. */
export function addon(input: PlanInput, name: string): Step[] {
  return [skeletonSource(input, name), skeletonObject(input, name), link(input, `${name}.node`, [name])];
}

function skeletonSource(input: PlanInput, name: string): Step {
  const { host } = input;
  const source = built(input, `${name}.skel.c`);
  return {
    id: `skel.c:${name}`,
    label: "GEN-C",
    subject: `${name}.skel.c`,
    argv: ["bpf-app", "skeleton-c", name, built(input, `${name}.bpf.o`)],
    inputs: [built(input, `${name}.bpf.o`)],
    outputs: [source],
    stdout: source,
    tools: [host.self],
  };
}

function skeletonObject(input: PlanInput, name: string): Step {
  const { config, host } = input;
  const source = built(input, `${name}.skel.c`);
  const object = built(input, `${name}.skel.o`);
  const depfile = built(input, `${name}.skel.d`);
  return {
    id: `skel.o:${name}`,
    label: "CC",
    subject: `${name}.skel.o`,
    argv: [
      ...commandOf(host.tools.cc),
      "-O1",
      "-fPIC",
      "-fvisibility=hidden",
      ...HARDENED,
      "-Wall",
      "-Wextra",
      `-I${OUTPUT}`,
      `-I${host.sources.libbpf}/include/uapi`,
      ...compileArgs({ source, object, depfile, flags: config.values.cflags }),
    ],
    inputs: [source, built(input, `${name}.skel.h`), LIBBPF_HEADERS],
    outputs: [object],
    depfile,
    coloring: COLORING,
    tools: [host.tools.cc],
  };
}

/**
 * The one addon of an executable. Where the app imports several skeletons it holds all of them, so that libbpf is in the
 * executable once; where it imports one, that skeleton's own addon is it.
 */
export function executableAddon(
  input: PlanInput,
  { name, skeletons }: Target,
): { file?: string; steps: Step[] } {
  const [only] = skeletons;
  if (only === undefined) return { steps: [] };
  if (skeletons.length === 1) return { file: built(input, `${only}.node`), steps: [] };
  const file = `${name}.all.node`;
  return { file: built(input, file), steps: [link(input, file, skeletons)] };
}

/** `bpf-app inspect` finds the objects in the addon in the order of the skeletons, which is alphabetical. */
function link(input: PlanInput, file: string, skeletons: readonly string[]): Step {
  const { host } = input;
  const module = built(input, file);
  const parts = [OBJECT, ...skeletons.map((name) => `${name}.skel.o`)]
    .map((part) => built(input, part))
    .concat(libraries(input));
  return {
    id: `addon:${file.replace(/\.node$/, "")}`,
    label: "ADDON",
    subject: file,
    argv: [
      ...commandOf(host.tools.cxx),
      "-shared",
      // The libraries' symbols stay inside of the addon, because Node has a zlib of its own, and a process may load two
      // addons.
      "-Wl,-Bsymbolic,--exclude-libs,ALL,--gc-sections,-z,relro,-z,now,-z,noexecstack,-s,--build-id=none",
      "-o",
      { out: module },
      ...parts,
    ],
    inputs: parts,
    outputs: [module],
    tools: [host.tools.cxx],
  };
}
