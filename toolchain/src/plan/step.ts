import { dirname, isAbsolute } from "node:path";
import type { Tool } from "../host/tool.ts";

/**
 * A step is one command of the build, as data. A plan is an array of steps: a test can compare it with a snapshot,
 * `--plan` can draw it, and the engine in `run/` executes it without knowing what the steps make.
 *
 * Every path is either absolute or relative to the app's folder, which is also the working directory of every step.
 * A path that ends with "/" is a directory and stands for every file below it.
 */
export interface Step {
  /** A name that is unique in the plan, for example `bpf:minimal`. */
  readonly id: string;
  /** The word that is printed in the first column, as in the kernel's build: `BPF`, `LIB`, `GEN-SKEL`. */
  readonly label: string;
  /** The text that is printed beside the label, for example `minimal.bpf.o`. */
  readonly subject: string;
  /**
   * The program and its arguments. The program `bpf-app` stands for a built-in action, which runs inside this process;
   * as it is printed, it is a command that does the same. Any other program is a path, or the name of one of `tools`.
   */
  readonly argv: readonly Arg[];
  /**
   * The files and directories that the command reads, except for those that the depfile names. If one of them is an
   * output of another step, this step waits for that one.
   */
  readonly inputs: readonly string[];
  /** The files and directories that the command writes: first to staging paths, from which all are renamed together. */
  readonly outputs: readonly string[];
  /** The programs on whose identity the outputs depend. */
  readonly tools: readonly Tool[];
  /** Variables in addition to those that the engine passes on from the caller's environment. */
  readonly env?: Readonly<Record<string, string>>;
  /**
   * A file in which the command says which further files it has read, and which `argv` names by `{ out }`: a dependency
   * file in make's format or, if its name ends with `.tsbuildinfo`, what TypeScript keeps of a project.
   */
  readonly depfile?: string;
  /** The output that receives the command's standard output. */
  readonly stdout?: string;
  /** The command is make, or speaks the protocol of make's jobserver: its children take job slots of the engine. */
  readonly jobserver?: boolean;
  /** The outputs depend on nothing of this app, so they are kept in the user's cache for other apps. */
  readonly shared?: boolean;
  /**
   * Arguments at the end of the command that colour its messages. Outputs do not depend on them, and they are not
   * printed: a report takes the colours out where there is no terminal.
   */
  readonly coloring?: readonly string[];
  /**
   * The ids of steps that must have succeeded before this one's outputs appear. Its command does not wait for them, but
   * if one of them fails, what the command has made is thrown away.
   */
  readonly publishAfter?: readonly string[];
  /** What to say when the command fails, where the messages of the command do not say it: what failed, what to do. */
  readonly failing?: { readonly what: string; readonly next: string };
}

/**
 * An argument. `{ out }` is the path of an output or of the depfile: the command gets the staging path, while the
 * printed command shows the final one. `prefix` and `suffix` are texts before and after it in the same argument, as
 * `OBJDIR=`. `from` is the folder of the app to which the command changes, as `make -C` does: the path is relative to
 * that. It is never a full path, because make takes no path apart that has blanks or signs of its own, and an app may lie
 * in a folder of any name. `up` replaces the path by the folder one or two levels above it.
 */
export type Arg =
  | string
  | {
      readonly prefix?: string;
      readonly out: string;
      readonly from?: string;
      readonly up?: 1 | 2;
      readonly suffix?: string;
    };

/**
 * The text of an argument as it is printed or, if `place` is given, with the paths that `place` returns for outputs.
 */
export function argText(arg: Arg, place: (path: string) => string = (path) => path): string {
  if (typeof arg === "string") return arg;
  const path = seenFrom(arg.from ?? "", place(arg.out));
  const folder = arg.up === 2 ? dirname(dirname(path)) : arg.up === 1 ? dirname(path) : path;
  return `${arg.prefix ?? ""}${folder}${arg.suffix ?? ""}`;
}

/** A path of the app as a command sees it that has changed to the folder `from` of the app. */
export function seenFrom(from: string, path: string): string {
  if (isAbsolute(path)) return path;
  const depth = from.split("/").filter((part) => part !== "" && part !== ".").length;
  return `${"../".repeat(depth)}${path}`;
}
