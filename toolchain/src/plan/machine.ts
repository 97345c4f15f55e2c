import type { Tool } from "../host/tool.ts";
import { built, output, type PlanInput } from "./inputs.ts";

/** A machine that libraries are compiled for: the one that the app is built for, or this one, for bpftool. */
export interface Machine {
  readonly cc: Tool;
  /** The flags of the user, which are meant for what is shipped. */
  readonly cflags: readonly string[];
  /** The path of a file that is for this machine. */
  readonly file: (name: string) => string;
  /** What the ids of its steps begin with. */
  readonly prefix: "" | "own:";
}

/** The machine that the app is built for. */
export function targetMachine(input: PlanInput): Machine {
  const { config, host } = input;
  return {
    cc: host.tools.cc,
    cflags: config.values.cflags,
    file: (name) => built(input, name),
    prefix: "",
  };
}

/** This machine, which runs bpftool. It is the one that the app is built for unless ARCH names another one. */
export function ownMachine(input: PlanInput): Machine {
  const { cross } = input.host;
  if (!cross) return targetMachine(input);
  return { cc: cross.cc, cflags: [], file: output, prefix: "own:" };
}

/** The id and the subject of a step that makes a library. */
export function machineStep({ prefix, file }: Machine, id: string, name: string) {
  return { id: `${prefix}${id}`, subject: file(name).replace(/^\.output\//, "") };
}
