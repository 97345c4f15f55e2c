import { BPFTOOL, built, type PlanInput } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * Makes NAME.btf, for kernels that have no BTF of their own: of each kernel that the settings name, the few types that the
 * relocations of NAME.bpf.o ask for. One command does it for all kernels, as there may be thousands of them.
 *
 * Undefined where the settings name no BTF.
 */
export function kernelBtf(input: PlanInput, name: string): Step | undefined {
  const { config, host } = input;
  const { btf, btfKernels } = config.values;
  if (btf.length === 0) return undefined;
  const object = built(input, `${name}.bpf.o`);
  const pack = packFile(input, name);
  const files = config.btf.filter(({ arch }) => arch === undefined || arch === host.arch.node);
  return {
    id: `btf:${name}`,
    label: "MIN-BTF",
    subject: `${name}.btf`,
    argv: [
      "bpf-app",
      "min-core-btf",
      object,
      ...btf,
      "--bpftool",
      BPFTOOL,
      "--arch",
      host.arch.node,
      ...btfKernels.flatMap((pattern) => ["--kernel", pattern]),
      "--out",
      { out: pack },
    ],
    inputs: [BPFTOOL, object, ...files.map(({ path }) => path)],
    outputs: [pack],
    tools: [host.self],
  };
}

function packFile(input: PlanInput, name: string): string {
  return built(input, `${name}.btf`);
}

/** What is put into an executable for its skeletons, by the names under which the runtime looks for it. */
export function btfAssets(input: PlanInput, skeletons: readonly string[]): [string, string][] {
  if (input.config.values.btf.length === 0) return [];
  return skeletons.map((name) => [`${name}.btf`, packFile(input, name)]);
}
