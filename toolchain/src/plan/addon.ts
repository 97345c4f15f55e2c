import { commandOf } from "../host/tool.ts";
import { COLORING, compileArgs } from "./compile.ts";
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
  return [skeletonSource(input, name), skeletonObject(input, name), link(input, name)];
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

function link(input: PlanInput, name: string): Step {
  const { host } = input;
  const module = built(input, `${name}.node`);
  const parts = [built(input, OBJECT), built(input, `${name}.skel.o`), ...libraries(input)];
  return {
    id: `addon:${name}`,
    label: "ADDON",
    subject: `${name}.node`,
    argv: [
      ...commandOf(host.tools.cxx),
      "-shared",
      // The libraries' symbols stay inside of the addon, because Node has a zlib of its own, and a process may load two
      // addons.
      "-Wl,-Bsymbolic,--exclude-libs,ALL,--gc-sections,-z,relro,-z,now,-s,--build-id=none",
      "-o",
      { out: module },
      ...parts,
    ],
    inputs: parts,
    outputs: [module],
    tools: [host.tools.cxx],
  };
}
