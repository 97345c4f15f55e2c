import yargs, { type Argv } from "yargs";
import { Failure } from "../base/failure.ts";
import type { CommandLine } from "./command-line.ts";
import type { BoundVerb, Call } from "./verb.ts";
import { VERBS } from "./verbs.ts";

/** How wide the text of the help is, in characters. */
const WIDTH = 100;

/**
 * Performs the verb of a command line that has been checked.
 * @param place where it was typed, and which app that belongs to
 * @throws Failure usage; and what the verb throws
 */
export async function performVerb(
  verb: BoundVerb,
  { words, assignments, rest }: CommandLine,
  place: { readonly root: string; readonly folder: string },
): Promise<{ readonly text: string; readonly status: number }> {
  let options: Call<unknown>["options"] = {};
  const parser = makeParser([verb], (parsed) => {
    options = parsed;
  });
  await parser.parseAsync([verb.name, ...words]);
  return verb.perform({ ...place, assignments, options, rest });
}

/** The help of one verb or, without one, of the whole command. */
export async function helpText(verb: BoundVerb | undefined): Promise<string> {
  const parser = makeParser(VERBS, () => {});
  let text = "";
  // With this function yargs does not print itself, and so does not lose what cannot be written.
  await parser.parseAsync([...(verb ? [verb.name] : []), "--help"], {}, (_error, _options, output) => {
    text = output;
  });
  return `${text}\n`;
}

function makeParser(verbs: readonly BoundVerb[], chosen: (options: unknown) => void): Argv {
  const parser = yargs()
    .scriptName("bpf-app")
    .locale("en")
    .usage(
      "$0 <verb> [NAME=value …] [options]\n\nBuilds an eBPF app into one executable. Settings are given as in make: V=1, CLANG=clang-19.\nIt works on the app in this folder or in one above it.",
    );
  for (const verb of verbs) parser.command(verb.usage, verb.describe, (own) => build(own, verb), chosen);
  return (
    parser
      .epilog("The help of a verb: npx bpf-app help build")
      .demandCommand(1, "")
      .strict()
      .version(version())
      .alias("version", "V")
      .help()
      .alias("help", "h")
      .wrap(WIDTH)
      .exitProcess(false)
      // What a person mistypes was found before (`flags.ts`); this is about what only yargs knows.
      .fail((message, error) => {
        throw error ?? new Failure("cli", { kind: "usage", message, verb: undefined });
      })
  );
}

function build(parser: Argv, verb: BoundVerb): Argv<unknown> {
  const own = verb.options(parser);
  for (const [command, does] of verb.examples) own.example(command, does);
  return verb.notes === undefined ? own.epilog("") : own.epilog(verb.notes);
}

declare const BPF_APP_VERSION: string | undefined;

/** The package's version. */
export function version(): string {
  return typeof BPF_APP_VERSION === "string" ? BPF_APP_VERSION : "from sources";
}
