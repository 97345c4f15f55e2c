import { addon, addonModule } from "./addon.ts";
import { bpf } from "./bpf.ts";
import { bpftool } from "./bpftool.ts";
import { bundle } from "./bundle.ts";
import type { Given } from "./inputs.ts";
import { libbpf, libbpfHeaders } from "./libbpf.ts";
import { libelf, zlib } from "./libelf.ts";
import { nodeBase, sea } from "./sea.ts";
import { skeleton } from "./skeleton.ts";
import type { Step } from "./step.ts";
import { vmlinux } from "./vmlinux.ts";

/**
 * The whole pipeline of an app, as data: libelf, zlib → libbpf → bpftool → vmlinux.h → objects → skeletons → addons →
 * bundles → executables. Pure: the same configuration and host give the same plan.
 */
export function plan(given: Given): Step[] {
  const { programs, targets } = given.config;
  return [
    libelf(given),
    zlib(given),
    libbpfHeaders(given),
    libbpf(given),
    bpftool(given),
    vmlinux(given),
    addonModule(given),
    ...programs.flatMap((program) => [
      ...bpf(given, program),
      ...skeleton(program),
      ...addon(given, program.name),
    ]),
    ...(targets.length > 0 ? [nodeBase(given)] : []),
    ...targets.flatMap((target) => [bundle(given, target), ...sea(given, target)]),
  ].filter((step) => step !== undefined);
}
