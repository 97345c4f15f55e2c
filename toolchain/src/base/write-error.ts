import { getSystemErrorMap } from "node:util";
import { wordingText } from "./wording.ts";

/** The text for standard error of the program named `program`, whose standard output cannot be written. */
export function writeErrorText(program: string, error: NodeJS.ErrnoException): string {
  const { code, errno = 0, message } = error;
  const [, meaning = message] = getSystemErrorMap().get(errno) ?? [];
  return wordingText(program, {
    what: `cannot write to standard output: ${code} (${meaning})`,
    next: code === "ENOSPC" ? "Make room there, or write to another place." : "Write to another place.",
  });
}
