import { Failure, isFailure } from "../base/failure.ts";
import { writeErrorText } from "../base/write-error.ts";
import { takeAssignments } from "../config/assignments.ts";
import { terminal } from "../report/terminal.ts";
import { ACTIONS } from "./actions.ts";

/** What a shell gives for a command that SIGPIPE has ended: 128 and the signal's number. */
const READER_GONE = 141;

/** Runs one command line and resolves to the exit status. It never rejects, because it reports every error. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { text, status } = await perform(argv);
    terminal.out(text);
    return terminal.gone.aborted ? unwritten() : status;
  } catch (error) {
    if (terminal.gone.aborted) return unwritten();
    const { errorText } = await import("./errors.ts");
    terminal.error(errorText(error));
    return isFailure(error, "run") && error.failure.kind === "interrupted" ? 130 : 1;
  }
}

/** Says why standard output could not be written, where it was not the reader who went away; returns the exit status. */
function unwritten(): number {
  const failure = terminal.failure();
  if (failure === undefined) return READER_GONE;
  terminal.error(writeErrorText("bpf-app", failure));
  return 1;
}

/**
 * Runs an action, or parses the command line and performs a verb.
 * @throws Failure of any layer
 */
async function perform(argv: readonly string[]): Promise<{ readonly text: string; readonly status: number }> {
  const action = ACTIONS[argv[0] ?? ""];
  if (action) {
    const { signal } = new AbortController();
    const note = (line: string) => terminal.error(`${line}\n`);
    return { text: (await action(argv.slice(1), { root: workingFolder(), signal, note })) ?? "", status: 0 };
  }
  if (argv[0] === "supervise") {
    const { supervise } = await import("./supervise.ts");
    return { text: "", status: await supervise(argv.slice(1)) };
  }
  const { assignments, rest } = takeAssignments(argv);
  // npm scripts call `bpf-app build` without options. For that yargs is not loaded, because loading it takes longer
  // than finding out that nothing has changed.
  if (rest[0] === "build" && !rest.some((arg) => arg.startsWith("-"))) {
    const { build } = await import("./build.ts");
    const { prepare } = await import("./prepare.ts");
    await build(await prepare(workingFolder(), assignments), { targets: rest.slice(1) });
    return { text: "", status: 0 };
  }
  const { parseAndRun } = await import("./parse.ts");
  return parseAndRun(rest, workingFolder(), assignments);
}

/** @throws Failure no-folder */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new Failure("cli", { kind: "no-folder" });
  }
}
