import { createHash } from "node:crypto";
import { existsSync, readFileSync, statSync } from "node:fs";
import { arch as nodeArch, platform, release, version } from "node:os";
import { join } from "node:path";
import { type Arch, archOf, otherArch } from "../base/arch.ts";
import { Failure } from "../base/failure.ts";
import type { Config } from "../config/load.ts";
import type { Tool } from "./tool.ts";

/** The BTF of the running kernel. */
export const KERNEL_BTF = "/sys/kernel/btf/vmlinux";

/**
 * The architecture of this machine.
 * @throws Failure not-linux, arch-unsupported
 */
export function hostArch(): Arch {
  if (platform() !== "linux") throw new Failure("host", { kind: "not-linux", platform: platform() });
  const arch = archOf(nodeArch());
  if (arch === undefined) throw new Failure("host", { kind: "arch-unsupported", arch: nodeArch() });
  return arch;
}

/**
 * The running kernel, described as a tool, because vmlinux.h is made from it. Undefined if it was built without
 * CONFIG_DEBUG_INFO_BTF. Its identity is the build id in /sys/kernel/notes, because files in sysfs have no useful
 * dates.
 */
export function kernelBtf(): Tool | undefined {
  if (!existsSync(KERNEL_BTF)) return undefined;
  const identity = createHash("sha256").update(version());
  if (existsSync("/sys/kernel/notes")) identity.update(readFileSync("/sys/kernel/notes"));
  return {
    name: "kernel",
    path: KERNEL_BTF,
    version: `Linux ${release()}`,
    identity: identity.digest("hex"),
  };
}

/**
 * Where vmlinux.h comes from: a header that is copied, a file with BTF that the user named, the running kernel, or, for a
 * machine of another architecture, a kernel of that architecture that is fetched.
 */
export type Vmlinux =
  | { readonly header: string }
  | { readonly btf: string }
  | { readonly kernel: Tool }
  | { readonly fetched: Arch };

/**
 * Settles where vmlinux.h comes from: the setting VMLINUX, otherwise the running kernel if the app is for this machine's
 * architecture, otherwise the vendored header. Undefined if no program includes it.
 * @param arch what the app is built for
 * @throws Failure vmlinux-missing, vmlinux-other-machine, no-kernel-btf
 */
export function findVmlinux(config: Config, arch: Arch, vendored: string | undefined): Vmlinux | undefined {
  const user = config.programs.find((program) => program.vmlinux);
  if (!user) return undefined;
  const setting = config.values.vmlinux;
  if (setting) {
    const file = [join(config.root, setting), setting].find(existsSync);
    if (file === undefined) throw new Failure("host", { kind: "vmlinux-missing", path: setting });
    requireTypesOf(arch, file, setting);
    return setting.endsWith(".h") ? { header: setting } : { btf: setting };
  }
  const native = arch === hostArch();
  const kernel = native ? kernelBtf() : undefined;
  if (kernel) return { kernel };
  if (vendored) return { header: vendored };
  if (!native) return { fetched: arch };
  throw new Failure("host", { kind: "no-kernel-btf", release: release(), source: user.source });
}

/** A whole vmlinux, with its debugging information, is larger, and is not read here. */
const LARGEST = 64 << 20;

/**
 * Refuses the types of a kernel of the other architecture: a program that is built with them would read registers that are
 * not there. A file that shows neither's registers is taken as it is.
 * @throws Failure vmlinux-other-machine
 */
function requireTypesOf(arch: Arch, file: string, setting: string): void {
  if (!statSync(file).isFile() || statSync(file).size > LARGEST) return;
  const text = readFileSync(file, "latin1");
  const has = ({ register }: Arch) => new RegExp(`\\b${register}\\b`).test(text);
  const other = otherArch(arch);
  if (has(arch) || !has(other)) return;
  throw new Failure("host", {
    kind: "vmlinux-other-machine",
    path: setting,
    is: other.title,
    arch: arch.node,
  });
}
