import type { Arg } from "./step.ts";

/** What a compiler reads and writes. */
interface Compiling {
  readonly source: string;
  readonly object: string;
  /** The file to which it writes which headers it has read. */
  readonly depfile: string;
  /** The flags of the user, which come last, so that they are stronger than ours. */
  readonly flags: readonly string[];
}

/** Colours the messages of clang and GCC. */
export const COLORING = ["-fdiagnostics-color=always"];

/**
 * What makes an overflow of a buffer end the process in place of running on. It is for all that is linked into an addon,
 * since libelf and libbpf also read programs of others, to which probes are attached. Distributions' compilers may define
 * _FORTIFY_SOURCE themselves. Level 2 needs nothing newer than glibc 2.28. Branches are not protected (-fcf-protection,
 * -mbranch-protection): a process has that only if all of it does, and Node is built without.
 */
export const HARDENED = ["-fstack-protector-strong", "-U_FORTIFY_SOURCE", "-D_FORTIFY_SOURCE=2"];

/**
 * The end of a command line that compiles one file. It has -MD rather than -MMD, because headers found by -isystem and
 * -idirafter are inputs like any other.
 */
export function compileArgs({ source, object, depfile, flags }: Compiling): Arg[] {
  return ["-MD", "-MF", { out: depfile }, ...flags, "-c", source, "-o", { out: object }];
}
