import { AddonError } from "./addon.ts";
import { BpfError } from "./errors.ts";

/** What an app's `main` is given. */
export interface MainContext {
  /** Aborted by the first ^C or SIGTERM; the second one ends the process at once. */
  readonly signal: AbortSignal;
  /** The command line, without the program. */
  readonly args: readonly string[];
}

/**
 * Runs an app: interrupts abort the signal, and what the kernel or libbpf refused is printed as a sentence, without a
 * stack. The process ends when `body` has; its exit code is 1 after an error, 2 after one of usage such as `parseArgs`
 * throws, else the number `body` returns, else 0.
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

/** Thrown by `parseArgs` of node:util, and by this runtime for arguments. */
function isUsageError(error: unknown): error is Error {
  return (
    error instanceof Error && String((error as NodeJS.ErrnoException).code).startsWith("ERR_PARSE_ARGS_")
  );
}
