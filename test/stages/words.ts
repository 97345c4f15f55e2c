/** How a stage ended. */
export interface Result {
  readonly name: string;
  readonly seconds: number;
  /** Why the stage did not pass; empty if it did. */
  readonly problems: readonly string[];
}

export function duration(seconds: number): string {
  const whole = Math.round(seconds);
  return whole < 100 ? `${whole} s` : `${Math.floor(whole / 60)} min ${whole % 60} s`;
}

/** The line at the end of a stage. */
export function ending({ name, seconds, problems }: Result): string {
  return `── ${name}: ${problems.length === 0 ? "ok" : "FAILED"}, ${duration(seconds)}`;
}

/**
 * What is said last: what ran, how it ended, how to run what failed alone, and how to run more.
 * @param again the command for one stage
 * @param more of what was left out, and how to run it
 */
export function closing(
  results: readonly Result[],
  seconds: number,
  again: (name: string) => string,
  more: string,
): string {
  const failed = results.filter(({ problems }) => problems.length > 0);
  const lines = failed.flatMap(({ name, problems }) => [
    `FAILED ${name}: ${problems.join("\n    ")}`,
    `    alone: ${again(name)}`,
  ]);
  const names = (some: readonly Result[]) => some.map(({ name }) => name).join(", ");
  const passed = results.filter(({ problems }) => problems.length === 0);
  const verdict =
    failed.length === 0
      ? `All passed in ${duration(seconds)}: ${names(passed)}.`
      : `${names(failed)} FAILED, in ${duration(seconds)}; passed: ${names(passed) || "none"}.`;
  return [...lines, `${verdict} ${more}`].join("\n");
}
