import { dirname } from "node:path";
import type { Tool } from "../host/tool.ts";

/**
 * A Step is one command of the build, as data. Plans are arrays of Steps: a test can snapshot them, `--plan` can
 * draw them, and the engine in `run/` executes them without knowing what they make.
 *
 * All paths are relative to the app's folder, which is also the working directory of every step, or absolute.
 * A path that ends with "/" is a directory and stands for every file below it.
 */
export interface Step {
  /** Unique in a plan, for example `bpf:minimal`. */
  readonly id: string;
  /** What kbuild would print in its first column: `BPF`, `LIB`, `GEN-SKEL`. */
  readonly label: string;
  /** What is printed beside the label, for example `minimal.bpf.o`. */
  readonly subject: string;
  /**
   * Program and arguments. A program named `bpf-app` is a built-in action, run inside this process; printed, it is a
   * command that does the same. The program is otherwise a path, or a name to be found in `tools`.
   */
  readonly argv: readonly Arg[];
  /** Files and directories read, besides those the depfile names. An output of another step makes an edge to it. */
  readonly inputs: readonly string[];
  /** Files and directories written. They are written to a staging path first and renamed into place together. */
  readonly outputs: readonly string[];
  /** The programs whose identity is part of what is built. */
  readonly tools: readonly Tool[];
  /** Environment on top of the allow-listed one of the engine. */
  readonly env?: Readonly<Record<string, string>>;
  /** A make-style dependency file that the command writes; named in argv by `{ out }`, kept beside the record. */
  readonly depfile?: string;
  /** The output that receives the command's standard output. */
  readonly stdout?: string;
  /** The command is make (or speaks its jobserver protocol): its children draw on the engine's job slots. */
  readonly jobserver?: boolean;
  /** The outputs depend on nothing of this app: keep them in the per-user cache. */
  readonly shared?: boolean;
}

/**
 * An argument. `{ out }` is the path of an output (or of the depfile): the engine puts the staging path there, while
 * the printed command has the final one. `prefix` stands before it in the same argument, as in `OBJDIR=`; `absolute`
 * makes it a full path, which make needs as it changes directory; `up` means the folder so many levels above the output
 * (staged outputs keep their relative places).
 */
export type Arg =
  | string
  | {
      readonly prefix?: string;
      readonly out: string;
      readonly absolute?: boolean;
      readonly up?: 1 | 2;
      readonly suffix?: string;
    };

/** An argument as it is printed, or, given a staging function, as it is executed. */
export function argText(
  arg: Arg,
  place: (path: string, absolute: boolean) => string = (path) => path,
): string {
  if (typeof arg === "string") return arg;
  const path = place(arg.out, arg.absolute ?? false);
  const folder = arg.up === 2 ? dirname(dirname(path)) : arg.up === 1 ? dirname(path) : path;
  return `${arg.prefix ?? ""}${folder}${arg.suffix ?? ""}`;
}
