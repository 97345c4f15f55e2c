import { globSync } from "node:fs";
import { ROOT } from "../root.ts";

/** A run is quick, as `npm test` is, or full. */
export type Size = "quick" | "full";

export interface Stage {
  readonly says: string;
  /**
   * The commands, which are run one after another.
   * @throws Error where there is nothing to run
   */
  readonly commands: (size: Size) => readonly (readonly string[])[];
  /** Variables that are added to the environment: they say how many times something is done. */
  readonly counts?: Readonly<Record<string, Readonly<Record<Size, string>>>>;
  /** Stages to wait for, if they are part of the run. */
  readonly needs?: readonly string[];
  /**
   * Things that no two stages use at once: the kernel's one trace pipe; its BPF objects, of which none tells who made it
   * once no process holds it. A stage that uses the cores has the machine to itself.
   */
  readonly uses?: readonly ("trace pipe" | "BPF objects" | "cores")[];
  /** Whether the stage is part of the full run only. */
  readonly fullOnly?: boolean;
  /** Whether the full run does more than the quick one does. */
  readonly sized?: boolean;
}

export function node(file: string, ...args: readonly string[]): string[] {
  return [process.execPath, file, ...args];
}

/**
 * One run of Node's test runner.
 * @param atOnce files at a time
 * @throws Error if a glob matches nothing: that is no silent pass
 */
export function tests(globs: readonly string[], atOnce: number): string[] {
  const files = globs.flatMap((glob) => {
    const found = globSync(glob, { cwd: ROOT }).sort();
    if (found.length === 0) throw new Error(`no test is named ${glob}`);
    return found;
  });
  return [process.execPath, "--test", SPEC, `--test-concurrency=${atOnce}`, ...files];
}

const SPEC = "--test-reporter=spec";

/** A command with options of the caller's. Those of Node's test runner count only before the files that it is to run. */
export function withOptions(command: readonly string[], options: readonly string[]): string[] {
  const at = command.indexOf("--test");
  if (at < 0) return [...command, ...options];
  const rest = command.slice(at + 1);
  // With another reporter the usual one is not wanted as well.
  const own = options.some((option) => option.startsWith("--test-reporter="));
  return [...command.slice(0, at + 1), ...options, ...(own ? rest.filter((word) => word !== SPEC) : rest)];
}
