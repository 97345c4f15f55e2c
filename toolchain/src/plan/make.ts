import { join } from "shlex";

/**
 * Words as the value of a variable of make's that its commands use: quoted for the shell that runs them, and with `$`
 * doubled for make itself.
 */
export function makeWords(words: readonly string[]): string {
  return join(words as string[]).replaceAll("$", "$$$$");
}
