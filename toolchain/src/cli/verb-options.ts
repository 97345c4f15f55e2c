import type { Argv, Options, PositionalOptions } from "yargs";
import type { BoundVerb } from "./verb.ts";

/** An option of a verb. */
export interface VerbOption {
  readonly name: string;
  /** One letter: `-j`. */
  readonly short: string | undefined;
  readonly type: Options["type"];
  readonly choices: readonly string[];
  readonly describe: string;
  /** It is nothing without a value. */
  readonly requiresValue: boolean;
}

/** A positional argument of a verb. */
export interface VerbWord {
  readonly name: string;
  readonly choices: readonly string[];
  readonly many: boolean;
  readonly required: boolean;
}

/** What a verb can be given. */
export interface VerbOptions {
  readonly options: readonly VerbOption[];
  readonly words: readonly VerbWord[];
}

/** The option that every verb has. */
const HELP: VerbOption = {
  name: "help",
  short: "h",
  type: "boolean",
  choices: [],
  describe: "show this help",
  requiresValue: false,
};

/**
 * The options and positional arguments that a verb declares to yargs, as data: yargs itself hands them out only as the
 * text of the help, and is not loaded for this.
 */
export function optionsOf(verb: BoundVerb): VerbOptions {
  const options: VerbOption[] = [];
  const words: VerbWord[] = [];
  const recorder = {
    option(name: string, { alias, type, choices, describe = "", requiresArg = false }: Options) {
      const short = [alias ?? []].flat().find((other) => other.length === 1);
      options.push({ name, short, type, choices: texts(choices), describe, requiresValue: requiresArg });
      return recorder;
    },
    positional(name: string, { choices, array = false, demandOption }: PositionalOptions) {
      words.push({ name, choices: texts(choices), many: array, required: Boolean(demandOption) });
      return recorder;
    },
  };
  // The verbs use these two methods of the parser and no other.
  verb.options(recorder as unknown as Argv);
  return { options: [...options, HELP], words };
}

function texts(choices: Options["choices"]): readonly string[] {
  return (choices ?? []).map(String);
}
