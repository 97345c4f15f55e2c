import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { arch as nodeArch, platform, release, version } from "node:os";
import { Failure } from "../failure.ts";
import type { Tool } from "../plan/step.ts";
import type { HostFailure } from "./failures.ts";

export const KERNEL_BTF = "/sys/kernel/btf/vmlinux";

/** Node's name of the architecture, and the kernel's (`__TARGET_ARCH_x86`). */
export interface Arch {
  readonly node: "x64" | "arm64";
  readonly kernel: "x86" | "arm64";
}

/** @throws Failure not-linux, arch-unsupported */
export function hostArch(): Arch {
  if (platform() !== "linux") throw new Failure<HostFailure>({ kind: "not-linux", platform: platform() });
  if (nodeArch() === "x64") return { node: "x64", kernel: "x86" };
  if (nodeArch() === "arm64") return { node: "arm64", kernel: "arm64" };
  throw new Failure<HostFailure>({ kind: "arch-unsupported", arch: nodeArch() });
}

/**
 * The running kernel, as the program whose product is vmlinux.h. Undefined without CONFIG_DEBUG_INFO_BTF. Its
 * identity is the build id in /sys/kernel/notes: files in sysfs have no dates to go by.
 */
export function kernelBtf(): Tool | undefined {
  if (!existsSync(KERNEL_BTF)) return undefined;
  const identity = createHash("sha256").update(version());
  if (existsSync("/sys/kernel/notes")) identity.update(readFileSync("/sys/kernel/notes"));
  return { name: "kernel", path: KERNEL_BTF, version: `Linux ${release()}`, identity: identity.digest("hex") };
}
