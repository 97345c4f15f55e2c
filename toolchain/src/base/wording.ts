/** What an error says: what failed, why where that helps, and what to do next. Whole sentences, no trailing newline. */
export interface Wording {
  readonly what: string;
  readonly why?: string;
  readonly next: string;
}

/** The text for standard error, as a program of the given name says it. */
export function wordingText(program: string, { what, why, next }: Wording): string {
  const lines = [what, ...(why ? why.trimEnd().split("\n") : []), ...next.split("\n")];
  return `${program}: ${lines.join("\n  ")}\n`;
}

/** The text for an error that no layer words: a fault of the program's own, whose stack is wanted. */
export function bugText(program: string, error: unknown): string {
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return `${program}: a fault of ${program} itself; please report it with what follows.\n${stack}\n`;
}
