import { commandOf } from "../host/tool.ts";
import { LIBBPF, LIBBPF_HEADERS, LIBELF, OUTPUT, output, type PlanInput, ZLIB } from "./inputs.ts";
import type { Step } from "./step.ts";

/** native/module.cc takes in the addon's other files: parsing node-addon-api once is most of the work. */
const OBJECT = output("addon/module.o");

/** The part that all apps share: libbpf seen from JavaScript. */
export function addonModule({ config, host }: PlanInput): Step {
  const source = `${host.toolchain.dir}/native/module.cc`;
  const depfile = output("addon/module.d");
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
      // Nothing in JavaScript could catch a C++ exception: the addon answers with error numbers.
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
      "-MD",
      "-MF",
      { out: depfile },
      ...config.values.cflags,
      "-c",
      source,
      "-o",
      { out: OBJECT },
    ],
    inputs: [source, LIBBPF_HEADERS],
    outputs: [OBJECT],
    depfile,
    tools: [host.tools.cxx],
    shared: true,
  };
}

/** The part of one program: bpftool's skeleton compiled as C, and the link. */
export function addon({ config, host }: PlanInput, name: string): Step[] {
  const source = output(`${name}.skel.c`);
  const object = output(`${name}.skel.o`);
  const depfile = output(`${name}.skel.d`);
  const module = output(`${name}.node`);
  return [
    {
      id: `skel.c:${name}`,
      label: "GEN-C",
      subject: `${name}.skel.c`,
      argv: ["bpf-app", "skeleton-c", name, output(`${name}.bpf.o`)],
      inputs: [output(`${name}.bpf.o`)],
      outputs: [source],
      stdout: source,
      tools: [host.self],
    },
    {
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
        "-MD",
        "-MF",
        { out: depfile },
        ...config.values.cflags,
        "-c",
        source,
        "-o",
        { out: object },
      ],
      inputs: [source, output(`${name}.skel.h`), LIBBPF_HEADERS],
      outputs: [object],
      depfile,
      tools: [host.tools.cc],
    },
    {
      id: `addon:${name}`,
      label: "ADDON",
      subject: `${name}.node`,
      argv: [
        ...commandOf(host.tools.cxx),
        "-shared",
        // Node brings its own symbols; ours stay ours, so that two addons in one process do not meet.
        "-Wl,-Bsymbolic,--exclude-libs,ALL,--gc-sections,-z,relro,-z,now,-s,--build-id=none",
        "-o",
        { out: module },
        OBJECT,
        object,
        LIBBPF,
        LIBELF,
        ZLIB,
      ],
      inputs: [OBJECT, object, LIBBPF, LIBELF, ZLIB],
      outputs: [module],
      tools: [host.tools.cxx],
    },
  ];
}
