import { run } from "../base/command.ts";

/**
 * Runs a program of the system that has to succeed.
 * @throws Failure program-missing, command-failed
 */
export async function command(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<void> {
  await run(file, args, { cwd: "/", signal: new AbortController().signal, env });
}
