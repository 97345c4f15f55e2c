import { BPFTOOL, built, type PlanInput, VMLINUX } from "./inputs.ts";
import type { Step } from "./step.ts";

/**
 * Makes vmlinux.h, which has every type of the kernel, from the kernel's BTF, or copies a header that exists already. For a
 * machine of another architecture the types are fetched.
 */
export function vmlinux(input: PlanInput): Step | undefined {
  const { host } = input;
  const header = built(input, VMLINUX);
  const from = host.vmlinux;
  if (!from) return undefined;
  const product = { id: "vmlinux", subject: "vmlinux.h", outputs: [header] };
  if ("header" in from) {
    return {
      ...product,
      label: "COPY",
      argv: ["cp", from.header, { out: header }],
      inputs: [from.header],
      tools: [],
    };
  }
  if ("fetched" in from) {
    return {
      ...product,
      label: "FETCH",
      argv: ["bpf-app", "fetch-vmlinux", from.fetched.node, "--bpftool", BPFTOOL, { out: header }],
      inputs: [BPFTOOL],
      tools: [host.self],
      shared: true,
    };
  }
  const btf = "btf" in from ? from.btf : from.kernel.path;
  return {
    ...product,
    label: "VMLINUX",
    argv: [BPFTOOL, "btf", "dump", "file", btf, "format", "c"],
    // Files in sysfs have no useful dates. So the running kernel is a tool of this step, identified by its build id.
    inputs: "btf" in from ? [BPFTOOL, btf] : [BPFTOOL],
    outputs: [header],
    tools: "kernel" in from ? [from.kernel] : [],
    stdout: header,
    shared: true,
  };
}
