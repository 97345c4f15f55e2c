/**
 * What a build needs of the system, and what the distributions call it. `quickstart`, `doctor`, the tests' set-up and
 * the message about a missing tool all read this table.
 */
export interface Need {
  /** The command that must be there. */
  readonly command: string;
  readonly why: string;
  readonly apt: string;
  readonly dnf: string;
  readonly pacman: string;
}

export const NEEDS: readonly Need[] = [
  { command: "clang", why: "compiles the kernel side", apt: "clang", dnf: "clang", pacman: "clang" },
  {
    command: "make",
    why: "runs the Makefiles of libbpf and bpftool",
    apt: "make",
    dnf: "make",
    pacman: "make",
  },
  { command: "cc", why: "compiles libelf, zlib, libbpf and bpftool", apt: "gcc", dnf: "gcc", pacman: "gcc" },
  { command: "c++", why: "compiles the addon", apt: "g++", dnf: "gcc-c++", pacman: "gcc" },
  { command: "git", why: "vendors libbpf and bpftool as submodules", apt: "git", dnf: "git", pacman: "git" },
];

/** Debian's packages that do as well as another one, which may be gone from the mirror on the day. */
export const ALTERNATIVES: Readonly<Record<string, readonly string[]>> = {
  clang: ["clang-19", "clang-17", "clang-16", "clang-15", "clang-13"],
  gcc: ["gcc-14", "gcc-13", "gcc-12", "gcc-11"],
  "g++": ["g++-14", "g++-13", "g++-12", "g++-11"],
};

/** Headers have no command to look for: present if this file is. */
export const HEADERS: readonly (Need & { readonly file: string })[] = [
  {
    command: "libc headers",
    file: "/usr/include/stdio.h",
    why: "the C library's headers",
    apt: "libc6-dev",
    dnf: "glibc-devel",
    pacman: "glibc",
  },
];

/** What vendoring from Debian's archive takes besides: of use only where neither git nor the package has the sources. */
export const DISTRO_NEEDS: readonly (Need & { readonly file?: string })[] = [
  { command: "xz", why: "unpacks source packages", apt: "xz-utils", dnf: "xz", pacman: "xz" },
  { command: "bzip2", why: "unpacks source packages", apt: "bzip2", dnf: "bzip2", pacman: "bzip2" },
  {
    command: "Debian's keys",
    file: "/usr/share/keyrings/debian-archive-keyring.gpg",
    why: "prove that source packages are Debian's",
    apt: "debian-archive-keyring",
    dnf: "debian-keyring",
    pacman: "debian-archive-keyring",
  },
];

export type Manager = "apt" | "dnf" | "pacman";

/** The command line that installs packages with a manager. */
export function installCommand(manager: Manager, packages: readonly string[]): string[] {
  const verb = {
    apt: ["apt-get", "install", "-y"],
    dnf: ["dnf", "install", "-y"],
    pacman: ["pacman", "-S", "--needed"],
  };
  return [...verb[manager], ...packages];
}
