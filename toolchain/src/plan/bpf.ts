import type { Program } from "../config/discover.ts";
import type { Config } from "../config/load.ts";
import { commandOf } from "../host/tool.ts";
import { COLORING, compileArgs } from "./compile.ts";
import { BPFTOOL, built, LIBBPF_HEADERS, OUTPUT, type PlanInput, VMLINUX } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * NAME.bpf.c → NAME.tmp.bpf.o → NAME.bpf.o. The second step is libbpf's static linker. Even for a single file it is
 * useful: it normalises the object and drops the DWARF, which clang needs only to make BTF.
 */
export function bpf(input: PlanInput, program: Program): Step[] {
  return [compile(input, program), link(input, program.name)];
}

/**
 * Which instructions clang may use is left to clang, as upstream leaves it: v1 before clang 20, v3 from then on. A
 * source that needs others says so itself, or the configuration does.
 */
function compile(input: PlanInput, program: Program): Step {
  const { config, host } = input;
  const { name, source, vmlinux } = program;
  const object = built(input, `${name}.tmp.bpf.o`);
  const depfile = built(input, `${name}.bpf.d`);
  return {
    id: `bpf:${name}`,
    label: "BPF",
    subject: `${name}.tmp.bpf.o`,
    argv: [
      ...commandOf(host.tools.clang),
      "-g",
      "-O2",
      "-Wall",
      "-target",
      "bpf",
      `-D__TARGET_ARCH_${host.arch.kernel}`,
      // From Linux 7.0 on, structs include other structs by naming only their tag, which is an extension of C. Such
      // structs are in vmlinux.h too.
      "-fms-extensions",
      "-Wno-microsoft-anon-tag",
      ...bpfIncludes(host),
      // Without this option clang writes the folder of the build into the object.
      "-fdebug-compilation-dir=.",
      ...compileArgs({ source, object, depfile, flags: flagsOf(config, program) }),
    ],
    inputs: [source, LIBBPF_HEADERS, ...(vmlinux ? [built(input, VMLINUX)] : [])],
    outputs: [object],
    depfile,
    coloring: COLORING,
    tools: [host.tools.clang],
  };
}

/** The flags of the user, the strongest last: what is meant for one source, and before it what is meant for all. */
function flagsOf({ values, sources }: Config, { cflags }: Program): string[] {
  // The command line is stronger than anything that stands in a file.
  if (sources.bpfCflags === "command line") return [...cflags, ...values.bpfCflags];
  return [...values.bpfCflags, ...cflags];
}

/**
 * The options that say where `.bpf.c` finds headers, in libbpf-bootstrap's order: those of the build, the uapi headers
 * of libbpf, those of the toolchain, and last the system's, which are used only if no other has the name. The app's own
 * headers need no option, because they lie beside the source.
 */
export function bpfIncludes(host: PlanInput["host"]): string[] {
  return [
    ...(host.cross ? [`-I${built({ host }, "").replace(/\/$/, "")}`] : []),
    `-I${OUTPUT}`,
    `-I${host.sources.libbpf}/include/uapi`,
    `-I${host.toolchain.dir}/include`,
    ...host.systemIncludes.flatMap((dir) => ["-idirafter", dir]),
  ];
}

function link(input: PlanInput, name: string): Step {
  const object = built(input, `${name}.bpf.o`);
  const compiled = built(input, `${name}.tmp.bpf.o`);
  return {
    id: `object:${name}`,
    label: "GEN-OBJ",
    subject: `${name}.bpf.o`,
    argv: [BPFTOOL, "gen", "object", { out: object }, compiled],
    inputs: [BPFTOOL, compiled],
    outputs: [object],
    tools: [],
  };
}
