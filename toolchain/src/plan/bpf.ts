import type { Program } from "../config/discover.ts";
import { commandOf } from "../host/tool.ts";
import { BPFTOOL, LIBBPF_HEADERS, OUTPUT, output, type PlanInput, VMLINUX } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * NAME.bpf.c → NAME.tmp.bpf.o → NAME.bpf.o. The second step is libbpf's static linker; with one file it still
 * normalises the object and drops the DWARF that clang needed to make BTF.
 */
export function bpf(input: PlanInput, program: Program): Step[] {
  return [compile(input, program), link(program.name)];
}

// -MD, not -MMD: the headers of -isystem and -idirafter are inputs like any other.
function compile({ config, host }: PlanInput, { name, source, vmlinux }: Program): Step {
  const object = output(`${name}.tmp.bpf.o`);
  const depfile = output(`${name}.bpf.d`);
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
      // v3 (Linux 5.1) has 32-bit jumps and, from 5.12, atomics that return a value; clang 20 defaults to it.
      "-mcpu=v3",
      // Structs of Linux 7.0 and newer begin with other structs by their tags alone, in vmlinux.h too.
      "-fms-extensions",
      "-Wno-microsoft-anon-tag",
      ...bpfIncludes(host),
      // The folder of the build would otherwise be written into the object.
      "-fdebug-compilation-dir=.",
      "-MD",
      "-MF",
      { out: depfile },
      ...config.values.bpfCflags,
      "-c",
      source,
      "-o",
      { out: object },
    ],
    inputs: [source, LIBBPF_HEADERS, ...(vmlinux ? [VMLINUX] : [])],
    outputs: [object],
    depfile,
    tools: [host.tools.clang],
  };
}

/**
 * Where `.bpf.c` finds headers, in libbpf-bootstrap's order: the app's own (beside the source, found by the quotes),
 * the build's, the uapi headers that libbpf brings, then the system's, which fill gaps only.
 */
export function bpfIncludes(host: PlanInput["host"]): string[] {
  return [
    `-I${OUTPUT}`,
    `-I${host.sources.libbpf}/include/uapi`,
    `-I${host.toolchain.dir}/include`,
    ...host.systemIncludes.flatMap((dir) => ["-idirafter", dir]),
  ];
}

function link(name: string): Step {
  const object = output(`${name}.bpf.o`);
  const compiled = output(`${name}.tmp.bpf.o`);
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
