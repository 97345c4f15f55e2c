import { takeWords } from "../config/words.ts";
import { Failure } from "../failure.ts";
import { errorText } from "../report/errors.ts";
import { terminal } from "../report/terminal.ts";
import { ACTIONS } from "./actions.ts";
import type { CliFailure } from "./failures.ts";

/** Runs one command line; resolves to the exit status. Nothing is thrown. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const verb = argv[0] ?? "";
    const action = ACTIONS[verb];
    if (action) return await runAction(action, argv.slice(1));
    const { assignments, rest } = takeWords(argv);
    const { parseAndRun } = await import("./verbs.ts");
    return await parseAndRun(rest, assignments);
  } catch (error) {
    return failed(error);
  }
}

async function runAction(action: (typeof ACTIONS)[string], args: readonly string[]): Promise<number> {
  const text = await action(args, { root: process.cwd(), signal: new AbortController().signal });
  if (text !== undefined) terminal.out(text);
  return 0;
}

function failed(error: unknown): number {
  if (error instanceof Failure) {
    const { failure } = error as Failure<CliFailure | { kind: "interrupted" }>;
    if (failure.kind === "app-failed") return failure.status;
    if (failure.kind === "interrupted") {
      terminal.error(errorText(error));
      return 130;
    }
  }
  terminal.error(errorText(error));
  return 1;
}
