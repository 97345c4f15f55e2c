import type { Argv } from "yargs";
import type { Assignments } from "../config/assignments.ts";

/** A verb as it was called. */
export interface Call<Options> {
  /** The app's folder: the working directory. */
  readonly root: string;
  readonly assignments: Assignments;
  readonly options: Options;
  /** What stands after `--`: the app's arguments. */
  readonly rest: readonly string[];
}

/**
 * A verb of the command line. It does its work and returns data; `text` makes of the data what is printed. Files that
 * only one verb needs are imported where they are used, because a command line loads the whole table of verbs.
 */
export interface Verb<Options, Data> {
  /** Its name and positional arguments, as yargs has them: `add <template>`. */
  readonly usage: string;
  readonly describe: string;
  readonly options: (parser: Argv) => Argv<Options>;
  readonly run: (call: Call<Options>) => Promise<Data>;
  /** Absent for a verb whose output is what it starts, or a report of events. */
  readonly text?: (data: Data) => Promise<string>;
  /** The exit status; 0 if absent. */
  readonly status?: (data: Data) => number;
}

/** A verb with its types bound: parsed options in, text and exit status out. */
export interface BoundVerb {
  readonly usage: string;
  readonly describe: string;
  readonly options: (parser: Argv) => Argv<unknown>;
  readonly perform: (call: Call<unknown>) => Promise<{ readonly text: string; readonly status: number }>;
}

export function bind<Options, Data>(verb: Verb<Options, Data>): BoundVerb {
  return {
    ...verb,
    perform: async (call) => {
      // yargs gives what `options` has declared.
      const data = await verb.run(call as Call<Options>);
      return { text: (await verb.text?.(data)) ?? "", status: verb.status?.(data) ?? 0 };
    },
  };
}

/** Options of a verb that has none. */
export function none(parser: Argv): Argv {
  return parser;
}
