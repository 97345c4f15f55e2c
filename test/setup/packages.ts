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
  // QEMU boots the guests by software emulation, busybox has their only programs besides ours, and mke2fs makes their
  // disk.
  ...needed("kernels", "qemu-system-x86", "busybox-static", "e2fsprogs"),
  // An archive of BTF is packed with it.
  ...needed("test/core-btf", "xz-utils"),
  // strip and objdump look at what was made.
  ...needed("those that look into executables", "binutils"),
  // gpg signs an archive of our own, which is then tampered with.
  ...needed("those of the archives that sources come from", "gnupg"),
  // python3 makes system calls, for programs that look at them, and pipes that nothing can be written to. The package
  // python3-minimal lacks the module resource on Debian 12.
  ...needed("those of the runtime in test/build, and of what cannot be written", "python3"),
  // These have flock, unshare and setpriv, and mount and losetup.
  ...needed("those that mount file systems", "util-linux", "mount"),
  // setcap gives capabilities to a file.
  ...needed("test/build/privileges.test.ts and sea-secure.test.ts", "libcap2-bin"),
  // script gives a program a terminal.
  ...needed("those of what is shown at a terminal", "bsdutils"),
];

/** What the full run needs besides. */
export const NEEDED_BY_FULL: readonly Needed[] = [
  // QEMU runs executables made for arm64. They need libraries, and their addon needs a linker.
  ...needed(
    "test/build/sea-arm64.test.ts, test/build/cross.test.ts",
    "qemu-user-static",
    "libc6-arm64-cross",
    "libstdc++6-arm64-cross",
    "libatomic1-arm64-cross",
    "binutils-aarch64-linux-gnu",
  ),
  // Kernels are compressed with one of these, and the tests take BTF out of them.
  ...needed("test/kernels/old-kernels.test.ts", "lz4", "zstd"),
  // Compilers for arm64 make whole apps, and QEMU boots kernels of it.
  ...needed(
    "test/build/cross.test.ts and the kernels of arm64",
    "gcc-aarch64-linux-gnu",
    "g++-aarch64-linux-gnu",
    "qemu-system-arm",
  ),
  // The C library of Alpine, to see what happens there.
  ...needed("test/build/itself.test.ts", "musl"),
  // mmdebstrap makes the machines in which the README's commands are typed.
  ...needed("those on bare machines", "mmdebstrap"),
  // ip and tc make networks of their own, and show what is attached there.
  ...needed("test/build/runtime-handover.test.ts, test/build/runtime-reloads.test.ts", "iproute2"),
  // podman runs built files in containers, and crun starts these for it.
  ...needed("test/build/doctor.test.ts", "podman", "crun"),
  // Other projects' programs, which the documentation compares ours with. BCC compiles its own with these headers, and
  // programs on tracepoints of system calls read nothing in them that is this kernel's own.
  ...needed(
    "test/docs/from.test.ts",
    "bpftrace",
    "python3-bpfcc",
    `linux-headers-cloud-${process.arch === "x64" ? "amd64" : process.arch}`,
  ),
];

/** The names of the packages, each once. */
export function namesOf(needed: readonly Needed[]): readonly string[] {
  return [...new Set(needed.map(({ apt }) => apt))];
}

/** Those of `wanted` that dpkg-query does not report as installed. One line each: name, status. */
export function missingOf(wanted: readonly string[], report: string): string[] {
  const present = new Set(
    report.split("\n").flatMap((line) => (line.endsWith(" installed") ? [line.split(" ")[0]] : [])),
  );
  return wanted.filter((name) => !present.has(name));
}
