import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ARCHES, type Arch, type ArchName } from "./arch.ts";
import { which } from "./which.ts";

/**
 * What a build needs of the system, and what the distributions call it. `quickstart`, `doctor`, the tests' set-up and
 * the message about a missing program all read this table.
 */
export interface Need {
  /** The command that must be found in PATH. */
  readonly command: string;
  readonly why: string;
  readonly apt: string;
  readonly dnf: string;
  readonly pacman: string;
  readonly zypper: string;
  readonly apk: string;
}

/** Headers and keys have no command to look for: they are installed if `file` exists. */
export type FileNeed = Need & { readonly file: string };

/** For a package that has the same name with every package manager. */
function everywhere(name: string): Omit<Need, "command" | "why"> {
  return { apt: name, dnf: name, pacman: name, zypper: name, apk: name };
}

/** The programs that every build needs. */
export const NEEDS: readonly Need[] = [
  { command: "clang", why: "compiles the kernel side", ...everywhere("clang") },
  { command: "make", why: "runs the Makefiles of libbpf and bpftool", ...everywhere("make") },
  { command: "cc", why: "compiles libelf, zlib, libbpf and bpftool", ...everywhere("gcc") },
  {
    command: "c++",
    why: "compiles the addon",
    apt: "g++",
    dnf: "gcc-c++",
    pacman: "gcc",
    zypper: "gcc-c++",
    apk: "g++",
  },
  { command: "git", why: "vendors libbpf and bpftool as submodules", ...everywhere("git") },
];

/**
 * The compilers for another machine than this one, by GNU's names for them. Debian's, Ubuntu's and Arch's come with a C library
 * for that machine; elsewhere CC and CXX have to be told where one is (`--sysroot`).
 */
export function crossNeeds({ gnu, title }: Arch): readonly Need[] {
  const cpu = gnu.split("-")[0] as string;
  const others = { pacman: `${gnu}-gcc`, zypper: `cross-${cpu}-gcc14`, apk: `gcc-${cpu}-none-elf` };
  // A package's name has no underscore at Debian: gcc-x86-64-linux-gnu.
  const triple = gnu.replace("_", "-");
  return [
    {
      command: `${gnu}-gcc`,
      why: `compiles libelf, zlib and libbpf for ${title}`,
      apt: `gcc-${triple}`,
      dnf: `gcc-${gnu}`,
      ...others,
    },
    {
      command: `${gnu}-g++`,
      why: `compiles the addon for ${title}`,
      apt: `g++-${triple}`,
      dnf: `gcc-c++-${gnu}`,
      ...others,
    },
  ];
}

/** The headers that every build needs. */
export const HEADERS: readonly FileNeed[] = [
  {
    command: "libc headers",
    file: "/usr/include/stdio.h",
    why: "the C library's headers",
    apt: "libc6-dev",
    dnf: "glibc-devel",
    pacman: "glibc",
    zypper: "glibc-devel",
    apk: "musl-dev",
  },
  {
    // Most C libraries bring them along, musl's does not.
    command: "kernel headers",
    file: "/usr/include/linux/types.h",
    why: "the kernel's interface, which libbpf and programs include",
    apt: "linux-libc-dev",
    dnf: "kernel-headers",
    pacman: "linux-api-headers",
    zypper: "linux-glibc-devel",
    apk: "linux-headers",
  },
];

/**
 * What is needed in addition to vendor sources from Debian's archive, which is done only where neither git nor this
 * package has the sources.
 */
export const ARCHIVE_NEEDS: readonly (Need | FileNeed)[] = [
  { command: "xz", why: "unpacks source packages", ...everywhere("xz"), apt: "xz-utils" },
  { command: "bzip2", why: "unpacks source packages", ...everywhere("bzip2") },
  {
    command: "Debian's keys",
    file: "/usr/share/keyrings/debian-archive-keyring.gpg",
    why: "prove that source packages are Debian's",
    ...everywhere("debian-archive-keyring"),
    dnf: "debian-keyring",
  },
];

/** What is needed in addition to fetch binary packages of Debian's, such as kernels. */
export const PACKAGE_NEEDS: readonly Need[] = [
  { command: "apt-get", why: "reads Debian's archive", ...everywhere("apt") },
  { command: "dpkg-deb", why: "unpacks packages", ...everywhere("dpkg") },
];

/** What is needed in addition to boot other kernels in guests. */
const GUEST_NEEDS: Readonly<Record<ArchName, readonly Need[]>> = {
  x64: [
    {
      command: "qemu-system-x86_64",
      why: "runs other kernels",
      apt: "qemu-system-x86",
      dnf: "qemu-system-x86-core",
      pacman: "qemu-system-x86",
      zypper: "qemu-x86",
      apk: "qemu-system-x86_64",
    },
  ],
  arm64: [
    {
      command: "qemu-system-aarch64",
      why: "runs kernels for arm64",
      apt: "qemu-system-arm",
      dnf: "qemu-system-aarch64-core",
      pacman: "qemu-system-aarch64",
      zypper: "qemu-arm",
      apk: "qemu-system-aarch64",
    },
  ],
};

/** What is needed in addition to boot kernels of an architecture in guests. */
export function guestNeeds({ node }: Arch): readonly Need[] {
  return GUEST_NEEDS[node];
}

/** Programs that only messages advise to install and whose package has another name than the program. */
const OTHERS: readonly Need[] = [
  ...PACKAGE_NEEDS,
  ...Object.values(ARCHES).flatMap(guestNeeds),
  ...Object.values(ARCHES).flatMap(crossNeeds),
  { command: "sudo", why: "runs programs as root", ...everywhere("sudo") },
];

/** Debian's packages that can stand in for another one which the mirror does not serve at the moment. */
export const ALTERNATIVES: Readonly<Record<string, readonly string[]>> = {
  clang: ["clang-19", "clang-17", "clang-16", "clang-15", "clang-13"],
  gcc: ["gcc-14", "gcc-13", "gcc-12", "gcc-11"],
  "g++": ["g++-14", "g++-13", "g++-12", "g++-11"],
};

/** A package manager, by the name of its column in the table of needs. */
export type Manager = Exclude<keyof Need, "command" | "why">;

/** The program of each package manager, and how it is told to install. */
const MANAGERS: Readonly<Record<Manager, readonly [program: string, ...args: string[]]>> = {
  apt: ["apt-get", "install", "-y"],
  dnf: ["dnf", "install", "-y"],
  pacman: ["pacman", "-S", "--needed"],
  zypper: ["zypper", "install"],
  apk: ["apk", "add"],
};

/** The command line that installs packages with a manager. */
export function installCommand(manager: Manager, packages: readonly string[]): string[] {
  return [...MANAGERS[manager], ...packages];
}

/** Packages that a message advises to install, by the names that this machine's package manager has for them. */
export interface Install {
  readonly manager: Manager;
  readonly packages: readonly string[];
}

/**
 * The package managers of distributions, by what os-release(5) names them. A distribution that is made of one of these
 * names it in ID_LIKE.
 */
const SYSTEMS: Readonly<Record<string, Manager>> = {
  debian: "apt",
  ubuntu: "apt",
  fedora: "dnf",
  rhel: "dnf",
  centos: "dnf",
  amzn: "dnf",
  arch: "pacman",
  suse: "zypper",
  opensuse: "zypper",
  alpine: "apk",
};

/**
 * The text of os-release(5), which says what distribution this is; empty if there is none.
 * @param root another one than "/" holds the files of another machine
 */
export function osRelease(root = "/"): string {
  for (const file of ["etc/os-release", "usr/lib/os-release"]) {
    try {
      return readFileSync(join(root, file), "utf8");
    } catch {
      // The second place is that of the distribution itself, for a machine whose /etc is empty.
    }
  }
  return "";
}

/**
 * The package manager of this machine, by what the machine is: several may be installed, such as Debian's on a Fedora. For
 * a distribution that we do not know it is the first whose program is found.
 */
export function managerOf(system = osRelease(), path = process.env.PATH ?? ""): Manager | undefined {
  const field = (name: string) => new RegExp(`^${name}=["']?([^"'\n]*)`, "m").exec(system)?.[1] ?? "";
  const names = [field("ID"), ...field("ID_LIKE").split(/\s+/)];
  const known = names.find((name) => Object.hasOwn(SYSTEMS, name));
  if (known !== undefined) return SYSTEMS[known];
  return (Object.keys(MANAGERS) as Manager[]).find((name) => which(MANAGERS[name][0], path));
}

/** The packages that satisfy these needs. Undefined if this machine has none of the package managers that we know. */
export function installOf(
  needs: readonly Need[],
  path = process.env.PATH ?? "",
  system = osRelease(),
): Install | undefined {
  const manager = managerOf(system, path);
  if (!manager || needs.length === 0) return undefined;
  return { manager, packages: [...new Set(needs.map((need) => need[manager]))] };
}

/** The package of a program. If no table names the program, the package is assumed to have the program's name. */
export function installOfProgram(program: string, path?: string, system?: string): Install | undefined {
  const known = [...NEEDS, ...ARCHIVE_NEEDS, ...OTHERS].find((need) => need.command === program);
  return installOf([known ?? { command: program, why: "", ...everywhere(program) }], path, system);
}

/** The advice as a sentence for `next`. */
export function installText(install: Install | undefined, otherwise: string): string {
  if (!install) return `Install ${otherwise} with this system's package manager.`;
  return `Install it: sudo ${installCommand(install.manager, install.packages).join(" ")}`;
}
