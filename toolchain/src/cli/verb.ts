import type { Argv } from "yargs";
import type { Assignments } from "../config/assignments.ts";

/** The call of a verb. */
export interface Call<Options> {
  /** The app's folder, which is the working directory. */
  readonly root: string;
  readonly assignments: Assignments;
  readonly options: Options;
  /** The words after `--`, which are the app's arguments. */
  readonly rest: readonly string[];
}

/**
 * A verb of the command line. `run` does the work and returns data, and `text` turns the data into the text that is
 * printed. Modules that only one verb needs are imported inside these functions, because every command line loads the
 * whole table of verbs.
 */
export interface Verb<Options, Data> {
  /** The name and the positional arguments, in the notation of yargs: `add <template>`. */
  readonly usage: string;
  readonly describe: string;
  readonly options: (parser: Argv) => Argv<Options>;
  readonly run: (call: Call<Options>) => Promise<Data>;
  /** Absent for a verb that prints nothing by itself, because the program that it starts does so. */
  readonly text?: (data: Data) => Promise<string>;
  /** The data as --json prints it. With this function the verb has that option. */
  readonly json?: (data: Data) => unknown;
  /** The exit status. Without this function it is 0. */
  readonly status?: (data: Data) => number;
}

/** A verb whose own types are hidden, so that all verbs fit in one table. */
export interface BoundVerb {
  readonly usage: string;
  readonly describe: string;
  readonly options: (parser: Argv) => Argv<unknown>;
  readonly perform: (call: Call<unknown>) => Promise<{ readonly text: string; readonly status: number }>;
}

/** Makes a verb an entry of the table. */
export function bind<Options, Data>(verb: Verb<Options, Data>): BoundVerb {
  const { options, run, text, json, status, ...said } = verb;
  return {
    ...said,
    options: json ? (parser) => withJson(options(parser)) : options,
    perform: async (call) => {
      // The cast holds because yargs delivers the options that `verb.options` has declared.
      const data = await run(call as Call<Options>);
      const asked = json && (call.options as { readonly json?: boolean }).json;
      const printed = asked ? `${JSON.stringify(json(data), null, 2)}\n` : ((await text?.(data)) ?? "");
      return { text: printed, status: status?.(data) ?? 0 };
    },
  };
}

function withJson(parser: Argv): Argv<unknown> {
  return parser.option("json", { type: "boolean", default: false, describe: "print the data as JSON" });
}

/** For a verb that has no options. */
export function none(parser: Argv): Argv {
  return parser;
}
