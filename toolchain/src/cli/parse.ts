import yargs from "yargs";
import { Failure } from "../base/failure.ts";
import type { Assignments } from "../config/assignments.ts";
import type { BoundVerb } from "./verb.ts";
import { VERBS } from "./verbs.ts";

interface Parsed {
  readonly verb: BoundVerb;
  readonly options: { readonly [name: string]: unknown };
}

/**
 * Parses the command line, from which the `NAME=value` words have been taken, and performs the verb. The text is
 * the help or the version where one of these is asked for.
 * @throws Failure usage, unknown-verb; and what the verb throws
 */
export async function parseAndRun(
  args: readonly string[],
  root: string,
  assignments: Assignments,
): Promise<{ readonly text: string; readonly status: number }> {
  let parsed: Parsed | undefined;
  const parser = makeParser(args, (verb, options) => {
    parsed = { verb, options };
  });
  let text = "";
  // With this function yargs does not print itself, and so does not lose what cannot be written.
  await parser.parseAsync([...args], {}, (_error, _options, output) => {
    if (output) text = `${output}\n`;
  });
  if (!parsed) return { text, status: 0 };
  // The cast undoes the compiler's narrowing, which does not see the assignment in the callback above.
  const { verb, options } = parsed as Parsed;
  // yargs puts the words after `--` here, as a list (`populate--`).
  const rest = ((options["--"] as unknown[] | undefined) ?? []).map(String);
  return verb.perform({ root, assignments, options, rest });
}

function makeParser(args: readonly string[], chosen: (verb: BoundVerb, options: Parsed["options"]) => void) {
  const parser = yargs()
    .scriptName("bpf-app")
    .usage(
      "$0 <verb> [NAME=value …]\n\nBuilds an eBPF app into one executable. Settings are given as in make: V=1, CLANG=clang-19.",
    );
  for (const verb of VERBS)
    parser.command(verb.usage, verb.describe, verb.options, (options) =>
      chosen(verb, options as Parsed["options"]),
    );
  return parser
    .parserConfiguration({ "populate--": true })
    .demandCommand(1, "")
    .strict()
    .version(version())
    .help()
    .alias("help", "h")
    .wrap(100)
    .exitProcess(false)
    .fail((message, error) => {
      throw error ?? refusal(message, args[0]);
    });
}

/** Turns a complaint of yargs into a failure. For an unknown verb the failure lists the known ones. */
function refusal(message: string, first: string | undefined): Failure<"cli"> {
  const known = VERBS.map((verb) => verb.usage.replace(/ .*/, ""));
  const unknown = /^Unknown (?:argument|command)s?: (.*)/.exec(message)?.[1];
  if (unknown !== undefined && first === unknown)
    return new Failure("cli", { kind: "unknown-verb", verb: unknown, known });
  return new Failure("cli", {
    kind: "usage",
    message: message || `A verb is missing. The verbs are ${known.join(", ")}.`,
  });
}

declare const BPF_APP_VERSION: string | undefined;

function version(): string {
  return typeof BPF_APP_VERSION === "string" ? BPF_APP_VERSION : "from sources";
}
