import { constants } from "node:os";
import { Failure } from "../base/failure.ts";

/** The signals that ask a command to end. */
export type Stop = "SIGINT" | "SIGTERM";

let first: Stop | undefined;

/** Remembers which signal has interrupted the command's work. Only the first one counts. */
export function noteInterrupt(signal: Stop): void {
  first ??= signal;
}

/** The exit status of a command that was interrupted, as a shell gives it: 130 after ^C, 143 after SIGTERM. */
export function interruptedStatus(): number {
  return 128 + constants.signals[first ?? "SIGINT"];
}

/**
 * Runs work with a signal that fires when the command is asked to end. While the work goes on, SIGINT and SIGTERM do not
 * end this process: the work ends what it has started, and cleans up. The reason of the signal is the failure
 * `interrupted`, for work that throws it.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const stop = new AbortController();
  const onSignal = (name: NodeJS.Signals) => {
    noteInterrupt(name as Stop);
    stop.abort(new Failure("cli", { kind: "interrupted" }));
  };
  // They stay until the end: without a listener a second signal would end this process in the middle of its cleaning up.
  process.on("SIGINT", onSignal).on("SIGTERM", onSignal);
  try {
    return await work(stop.signal);
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}
