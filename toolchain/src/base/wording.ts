import { Failure, type Failures, type Layer } from "./failure.ts";

/**
 * What an error says to a person: what failed, why it failed where that helps, and what to do next. Each part consists
 * of whole sentences and has no newline at its end.
 */
export interface Wording {
  readonly what: string;
  readonly why?: string;
  readonly next: string;
}

/** The text that the program named `program` writes to standard error. */
export function wordingText(program: string, { what, why, next }: Wording): string {
  const lines = [what, ...(why ? why.trimEnd().split("\n") : []), ...next.split("\n")];
  return `${program}: ${lines.join("\n  ")}\n`;
}

/** The text for an error that no layer has words for. It is a fault of the program itself, so the stack is printed. */
export function bugText(program: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${program}: This is a fault of ${program} itself. Please report it together with the lines below.\n${stack}\n`;
}

/** The words of several layers, which a program assembles in one place. */
export type WordsOf<L extends Layer> = { readonly [K in L]: (failure: Failures[K]) => Wording };

/** What an error says to a person. Undefined for an error of none of these layers, which is a fault of ours. */
export function wordingOf<L extends Layer>(words: WordsOf<L>, error: unknown): Wording | undefined {
  if (!(error instanceof Failure) || !(error.layer in words)) return undefined;
  // A failure always belongs to its layer; the compiler cannot follow that from the one field to the other.
  return words[error.layer as L](error.failure as Failures[L]);
}
