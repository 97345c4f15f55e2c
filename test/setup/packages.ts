import { ARCHIVE_NEEDS, HEADERS, NEEDS } from "../../toolchain/src/base/packages.ts";

/** A package that tests need, and which tests these are. */
export interface Needed {
  readonly apt: string;
  /** Tells a reader who cannot have it what does not work without it. */
  readonly tests: string;
}

const needed = (tests: string, ...names: readonly string[]): Needed[] => names.map((apt) => ({ apt, tests }));

/**
 * What a build needs; and what guests, their disks and their kernels need, and building bpftool from a kernel's
 * source.
 */
export const NEEDED: readonly Needed[] = [
  ...needed("all that build an app", ...[...NEEDS, ...HEADERS].map(({ apt }) => apt)),
  ...needed("those that fetch Debian's packages", ...ARCHIVE_NEEDS.map(({ apt }) => apt), "ca-certificates"),
  // Boots the guests by software emulation; the guests' only programs besides ours; mke2fs makes their disk.
  ...needed("kernels", "qemu-system-x86", "busybox-static", "e2fsprogs"),
  // Runs executables made for arm64, with their libraries and a linker for an addon.
  ...needed(
    "test/build/sea-arm64.test.ts",
    "qemu-user-static",
    "libc6-arm64-cross",
    "libstdc++6-arm64-cross",
    "libatomic1-arm64-cross",
    "binutils-aarch64-linux-gnu",
  ),
  // strip and objdump, to look at what was made.
  ...needed("those that look into executables", "binutils"),
  // An archive of our own is signed, to be tampered with.
  ...needed("those of the archives that sources come from", "gnupg"),
  // A program of another make for uprobes and USDT probes to look at.
  ...needed("those of the runtime in test/build", "python3-minimal"),
  // Makes the machines in which the README's commands are typed.
  ...needed("those on bare machines", "mmdebstrap"),
  // flock, unshare, setpriv; mount and losetup.
  ...needed("those that mount file systems", "util-linux", "mount"),
];

export const PACKAGES: readonly string[] = [...new Set(NEEDED.map(({ apt }) => apt))];

/** Those of `wanted` that dpkg-query does not report as installed. One line each: name, status. */
export function missingOf(wanted: readonly string[], report: string): string[] {
  const present = new Set(
    report.split("\n").flatMap((line) => (line.endsWith(" installed") ? [line.split(" ")[0]] : [])),
  );
  return wanted.filter((name) => !present.has(name));
}
