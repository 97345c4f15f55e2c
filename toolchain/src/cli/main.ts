import { Failure, isFailure } from "../base/failure.ts";
import { writeErrorText } from "../base/write-error.ts";
import { fromFolder } from "../config/assignments.ts";
import { findApp } from "../config/find-app.ts";
import { terminal } from "../report/terminal.ts";
import { ACTIONS } from "./actions.ts";
import { type CommandLine, readCommandLine } from "./command-line.ts";
import { interruptedStatus } from "./interrupted.ts";

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
    const [{ errorText }, { asCliFailure }] = await Promise.all([
      import("./errors.ts"),
      import("./system.ts"),
    ]);
    terminal.error(errorText(asCliFailure(error)));
    return isInterrupt(error) ? interruptedStatus() : 1;
  }
}

function isInterrupt(error: unknown): boolean {
  return (isFailure(error, "run") || isFailure(error, "cli")) && error.failure.kind === "interrupted";
}

/** Says why standard output could not be written, where it was not the reader who went away; returns the exit status. */
function unwritten(): number {
  const failure = terminal.failure();
  if (failure === undefined) return READER_GONE;
  terminal.error(writeErrorText("bpf-app", failure));
  return 1;
}

interface Outcome {
  readonly text: string;
  readonly status: number;
}

/**
 * Runs an action, or reads the command line and performs a verb.
 * @throws Failure of any layer
 */
async function perform(argv: readonly string[]): Promise<Outcome> {
  const [first = ""] = argv;
  if (Object.hasOwn(ACTIONS, first)) return { text: await act(first, argv.slice(1)), status: 0 };
  if (first === "supervise") {
    const { supervise } = await import("./supervise.ts");
    return { text: "", status: await supervise(argv.slice(1)) };
  }
  if (first === "complete") {
    const { complete } = await import("./complete.ts");
    return { text: await complete(argv.slice(1), workingFolder()), status: 0 };
  }
  const folder = workingFolder();
  const root = findApp(folder) ?? folder;
  const line = readCommandLine(argv, root);
  if (line.asks === "help") {
    const { helpText } = await import("./parse.ts");
    return { text: await helpText(line.verb), status: 0 };
  }
  if (line.asks === "version") {
    const { version } = await import("./parse.ts");
    return { text: `${version()}\n`, status: 0 };
  }
  return performLine(line, { root, folder });
}

/** A built-in step works on the paths that it is given, wherever that is. */
async function act(name: string, words: readonly string[]): Promise<string> {
  const { signal } = new AbortController();
  const note = (text: string) => terminal.error(`${text}\n`);
  return (await ACTIONS[name]?.(words, { root: workingFolder(), signal, note })) ?? "";
}

async function performLine(
  typed: CommandLine,
  place: { readonly root: string; readonly folder: string },
): Promise<Outcome> {
  const { root, folder } = place;
  const { verb } = typed;
  if (verb === undefined) {
    const { VERBS } = await import("./verbs.ts");
    throw new Failure("cli", { kind: "no-verb", known: VERBS.map(({ name }) => name) });
  }
  if (!verb.anywhere && root !== folder) {
    // Paths are printed as they are in the app's folder. These are make's words, which editors know.
    terminal.error(`bpf-app: Entering directory '${root}'\n`);
    process.chdir(root);
  }
  const line = { ...typed, assignments: fromFolder(typed.assignments, folder, root) };
  // npm scripts call `bpf-app build` without options. For that yargs is not loaded, because loading it takes longer
  // than finding out that nothing has changed.
  if (verb.name === "build" && !line.words.some((word) => word.startsWith("-"))) {
    const { build } = await import("./build.ts");
    const { prepare } = await import("./prepare.ts");
    await build(await prepare(root, line.assignments), { targets: line.words });
    return { text: "", status: 0 };
  }
  const { performVerb } = await import("./parse.ts");
  return performVerb(verb, line, place);
}

/** @throws Failure no-folder */
function workingFolder(): string {
  try {
    return process.cwd();
  } catch {
    throw new Failure("cli", { kind: "no-folder" });
  }
}
