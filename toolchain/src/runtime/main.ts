import { AddonError } from "./addon.ts";
import { BpfError } from "./errors.ts";
import { destroyAll } from "./skeleton.ts";
import { watchOutput } from "./standard-output.ts";

/** What an app's `main` is given. */
export interface MainContext {
  /** It is aborted by the first ^C (SIGINT) or SIGTERM. The second one ends the process at once. */
  readonly signal: AbortSignal;
  /** The arguments of the command line, without the program's name. */
  readonly args: readonly string[];
}

/**
 * Runs an app. Interrupts abort the signal, and what the kernel or libbpf refused is printed as a sentence, without a
 * stack. The exit code is 1 after such an error, and 2 after an error of usage such as `parseArgs` of node:util throws;
 * otherwise it is the number that `body` returns, or 0. Any other error of `body` is thrown on.
 *
 * When the reader of standard output ends, as in `app | head -1`, the signal is aborted too, and the exit code is 141, as
 * a shell has it for a program that SIGPIPE has ended. When standard output cannot be written for another reason, such as
 * a full disk, a sentence says why and the exit code is 1. An app that goes on for a second after that is ended.
 *
 * @param body - the app; the process ends when it has ended and nothing else keeps it alive
 */
export async function main(body: (context: MainContext) => unknown): Promise<void> {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(name === "SIGINT" ? 130 : 143);
    controller.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const output = watchOutput(() => controller.abort(), destroyAll);
  // A write that failed at the very end is heard of after `body` has ended.
  process.once("exit", () => {
    if (output.status !== undefined) process.exitCode = output.status;
  });
  try {
    const code = await body({ signal: controller.signal, args: process.argv.slice(2) });
    if (typeof code === "number") process.exitCode = code;
  } catch (error) {
    const usage = isUsageError(error);
    if (!(usage || error instanceof BpfError || error instanceof AddonError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = usage ? 2 : 1;
  } finally {
    process.off("SIGINT", interrupt).off("SIGTERM", interrupt);
  }
}

/** Whether it is an error of usage: `parseArgs` of node:util throws such, and so does this runtime for arguments. */
function isUsageError(error: unknown): error is Error {
  return (
    error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS_")
  );
}
