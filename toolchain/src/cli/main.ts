import { Failure } from "../base/failure.ts";
import { takeWords } from "../config/words.ts";
import { terminal } from "../report/terminal.ts";
import { ACTIONS } from "./actions.ts";
import type { CliFailure } from "./failures.ts";

/** Runs one command line; resolves to the exit status. Nothing is thrown. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const action = ACTIONS[argv[0] ?? ""];
    if (action) return await runAction(action, argv.slice(1));
    const { assignments, rest } = takeWords(argv);
    // `bpf-app build` with names at most, as npm scripts call it: loading yargs takes longer than finding out that
    // nothing has changed.
    if (rest[0] === "build" && !rest.some((arg) => arg.startsWith("-"))) {
      await (await import("./build.ts")).build(process.cwd(), assignments, { targets: rest.slice(1) });
      return 0;
    }
    const { parseAndRun } = await import("./verbs.ts");
    return await parseAndRun(rest, assignments);
  } catch (error) {
    return await failed(error);
  }
}

async function runAction(action: (typeof ACTIONS)[string], args: readonly string[]): Promise<number> {
  const text = await action(args, { root: process.cwd(), signal: new AbortController().signal });
  if (text !== undefined) terminal.out(text);
  return 0;
}

async function failed(error: unknown): Promise<number> {
  const failure =
    error instanceof Failure ? (error as Failure<CliFailure | { kind: "interrupted" }>).failure : undefined;
  // The app has told its user itself what is wrong.
  if (failure?.kind === "app-failed") return failure.status;
  const { errorText } = await import("../report/errors.ts");
  terminal.error(errorText(error));
  return failure?.kind === "interrupted" ? 130 : 1;
}
