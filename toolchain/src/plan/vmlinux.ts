import { BPFTOOL, type PlanInput, VMLINUX } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * Makes vmlinux.h, which has every type of the kernel, from the kernel's BTF, or copies a header that exists already.
 */
export function vmlinux({ host }: PlanInput): Step | undefined {
  const from = host.vmlinux;
  if (!from) return undefined;
  const product = { id: "vmlinux", subject: "vmlinux.h", outputs: [VMLINUX] };
  if ("header" in from) {
    return {
      ...product,
      label: "COPY",
      argv: ["cp", from.header, { out: VMLINUX }],
      inputs: [from.header],
      tools: [],
    };
  }
  const btf = "btf" in from ? from.btf : from.kernel.path;
  return {
    ...product,
    label: "VMLINUX",
    argv: [BPFTOOL, "btf", "dump", "file", btf, "format", "c"],
    // Files in sysfs have no useful dates. So the running kernel is a tool of this step, identified by its build id.
    inputs: "btf" in from ? [BPFTOOL, btf] : [BPFTOOL],
    outputs: [VMLINUX],
    tools: "kernel" in from ? [from.kernel] : [],
    stdout: VMLINUX,
    shared: true,
  };
}
