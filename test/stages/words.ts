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

/** How much of a command's output is said again at the end. */
const TAIL_LINES = 40;
const TAIL_BYTES = 16_384;

/**
 * The end of what a command said. What failed is said there, and what is printed of a long run elsewhere is often its
 * beginning and its end alone.
 */
export class Tail {
  #kept = Buffer.alloc(0);

  add(chunk: Buffer): void {
    this.#kept = Buffer.concat([this.#kept, chunk]).subarray(-TAIL_BYTES);
  }

  /** Where it is to be read, and its last lines, marked as somebody else's words. */
  text(): string {
    const said = this.#kept.toString().trimEnd();
    if (said === "") return "it said nothing";
    const lines = said.split("\n").slice(-TAIL_LINES);
    return ["see its output above, which ends:", ...lines.map((line) => `    | ${line}`)].join("\n");
  }
}
