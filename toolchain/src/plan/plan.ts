import { about, nodeSum } from "./about.ts";
import { addon, addonModule } from "./addon.ts";
import { bpf } from "./bpf.ts";
import { bpftool } from "./bpftool.ts";
import { kernelBtf } from "./btf.ts";
import { bundle } from "./bundle.ts";
import type { PlanInput } from "./inputs.ts";
import { libbpf, libbpfHeaders } from "./libbpf.ts";
import { libelf, zlib } from "./libelf.ts";
import { ownMachine, targetMachine } from "./machine.ts";
import { notices } from "./notices.ts";
import { codeCache, fetchedNode, nodeBase, sea } from "./sea.ts";
import { skeleton } from "./skeleton.ts";
import type { Step } from "./step.ts";
import { types } from "./types.ts";
import { vmlinux } from "./vmlinux.ts";

/**
 * The whole pipeline of an app, as data: libelf, zlib → libbpf → bpftool → vmlinux.h → objects → skeletons → types, addons →
 * bundles → executables. The function is pure: the same configuration and host give the same plan.
 */
export function plan(input: PlanInput): Step[] {
  const { programs, targets } = input.config;
  const check = targets.length > 0 ? types(input) : undefined;
  const target = targetMachine(input);
  const own = ownMachine(input);
  return [
    libelf(input, target),
    zlib(input, target),
    libbpfHeaders(input),
    libbpf(input, target),
    ...(input.host.cross ? [libelf(input, own), zlib(input, own), libbpf(input, own)] : []),
    bpftool(input, own),
    vmlinux(input),
    addonModule(input),
    ...programs.flatMap((program) => [
      ...bpf(input, program),
      ...skeleton(input, program),
      ...addon(input, program.name),
      kernelBtf(input, program.name),
    ]),
    check,
    ...(targets.length > 0 ? [fetchedNode(input), nodeBase(input), nodeSum(input)] : []),
    ...targets.flatMap((target) => [
      bundle(input, target),
      codeCache(input, target),
      about(input, target),
      notices(input, target),
      ...sea(input, target, check?.id),
    ]),
  ].filter((step) => step !== undefined);
}
