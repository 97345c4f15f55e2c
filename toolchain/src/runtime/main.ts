import { AddonError } from "./addon.ts";
import { BpfError } from "./errors.ts";

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
 * @param body - the app; the process ends when it has ended and nothing else keeps it alive
 */
export async function main(body: (context: MainContext) => unknown): Promise<void> {
  const controller = new AbortController();
  const interrupt = (name: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(name === "SIGINT" ? 130 : 143);
    controller.abort();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  // `app | head` ends the app as it would end one written in C.
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code !== "EPIPE") throw error;
    process.exit(0);
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
