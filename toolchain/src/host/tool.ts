/** A program found on this machine. */
export interface Tool {
  /** As one would type it: `clang`. */
  readonly name: string;
  /** Where it was found, absolute, with symlinks resolved. */
  readonly path: string;
  /** What always follows, when it is a wrapper: `gcc` of `ccache gcc`. */
  readonly args?: readonly string[];
  /** First line of what it says of itself, for people. */
  readonly version: string;
  /** Changes whenever the program does: a hash over its version and its content or build id. */
  readonly identity: string;
}

/** The words that a command line of the program begins with. */
export function commandOf({ path, args = [] }: Tool): readonly string[] {
  return [path, ...args];
}
