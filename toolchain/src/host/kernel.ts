import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { arch as nodeArch, platform, release, version } from "node:os";
import { join } from "node:path";
import { Failure } from "../base/failure.ts";
import type { Config } from "../config/load.ts";
import type { Tool } from "./tool.ts";

/** The BTF of the running kernel. */
export const KERNEL_BTF = "/sys/kernel/btf/vmlinux";

/** The name that Node has for the architecture, and the name that the kernel has (`__TARGET_ARCH_x86`). */
export interface Arch {
  readonly node: "x64" | "arm64";
  readonly kernel: "x86" | "arm64";
}

/**
 * The architecture of this machine.
 * @throws Failure not-linux, arch-unsupported
 */
export function hostArch(): Arch {
  if (platform() !== "linux") throw new Failure("host", { kind: "not-linux", platform: platform() });
  if (nodeArch() === "x64") return { node: "x64", kernel: "x86" };
  if (nodeArch() === "arm64") return { node: "arm64", kernel: "arm64" };
  throw new Failure("host", { kind: "arch-unsupported", arch: nodeArch() });
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

/** Where vmlinux.h comes from: a header that is copied, a file with BTF that the user named, or the running kernel. */
export type Vmlinux = { readonly header: string } | { readonly btf: string } | { readonly kernel: Tool };

/**
 * Settles where vmlinux.h comes from: the setting VMLINUX, otherwise the running kernel, otherwise the vendored header.
 * Undefined if no program includes it.
 * @throws Failure vmlinux-missing, no-kernel-btf
 */
export function findVmlinux(config: Config, vendored: string | undefined): Vmlinux | undefined {
  const user = config.programs.find((program) => program.vmlinux);
  if (!user) return undefined;
  const setting = config.values.vmlinux;
  if (setting) {
    if (!existsSync(join(config.root, setting)) && !existsSync(setting)) {
      throw new Failure("host", { kind: "vmlinux-missing", path: setting });
    }
    return setting.endsWith(".h") ? { header: setting } : { btf: setting };
  }
  const kernel = kernelBtf();
  if (kernel) return { kernel };
  if (vendored) return { header: vendored };
  throw new Failure("host", { kind: "no-kernel-btf", release: release(), source: user.source });
}
