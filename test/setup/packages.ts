import { DISTRO_NEEDS, HEADERS, NEEDS } from "../../toolchain/src/host/packages.ts";

/** What a build needs, and beyond that: guests, their disks and kernels, and building bpftool from a kernel's source. */
export const PACKAGES: readonly string[] = [
  ...new Set([
    ...[...NEEDS, ...HEADERS, ...DISTRO_NEEDS].map((need) => need.apt),
    // Boots the guests, by software emulation.
    "qemu-system-x86",
    // The guests' only programs besides ours.
    "busybox-static",
    // mke2fs makes the disk with the files under test.
    "e2fsprogs",
    // Runs executables made for arm64, with their libraries and a linker for an addon.
    "qemu-user-static",
    "libc6-arm64-cross",
    "libstdc++6-arm64-cross",
    "libatomic1-arm64-cross",
    "binutils-aarch64-linux-gnu",
    // strip and objdump, to look at what was made.
    "binutils",
    // An archive of our own is signed, to be tampered with.
    "gnupg",
    "ca-certificates",
    // A program of another make for uprobes and USDT probes to look at.
    "python3-minimal",
    // flock, unshare, mount.
    "util-linux",
    "mount",
  ]),
];

/** Those of `wanted` that dpkg-query does not report as installed. One line each: name, status. */
export function missingOf(wanted: readonly string[], report: string): string[] {
  const present = new Set(
    report.split("\n").flatMap((line) => (line.endsWith(" installed") ? [line.split(" ")[0]] : [])),
  );
  return wanted.filter((name) => !present.has(name));
}
