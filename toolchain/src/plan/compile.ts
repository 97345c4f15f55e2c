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
 * The end of a command line that compiles one file. It has -MD rather than -MMD, because headers found by -isystem and
 * -idirafter are inputs like any other.
 */
export function compileArgs({ source, object, depfile, flags }: Compiling): Arg[] {
  return ["-MD", "-MF", { out: depfile }, ...flags, "-c", source, "-o", { out: object }];
}
