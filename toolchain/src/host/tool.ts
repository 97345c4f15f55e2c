/** A program found on this machine. */
export interface Tool {
  /** The name as one would type it: `clang`. */
  readonly name: string;
  /** The absolute path at which it was found. */
  readonly path: string;
  /** The arguments that always follow when the program is a wrapper: `gcc` of `ccache gcc`. */
  readonly args?: readonly string[];
  /** The first line that it prints for `--version`, for people. */
  readonly version: string;
  /** A hash of its version and of its content or build id, which changes whenever the program does. */
  readonly identity: string;
}

/** The words with which a command line of the program begins. */
export function commandOf({ path, args = [] }: Tool): readonly string[] {
  return [path, ...args];
}
