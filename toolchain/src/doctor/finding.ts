/** `warn`: it works, but not as well or not in all cases. `error`: it does not work before this is mended. */
export type State = "ok" | "warn" | "error";

/** One thing that was looked at. */
export interface Finding {
  /** What it is about, in a word or two: `kernel`, `program on_exec`. */
  readonly subject: string;
  readonly state: State;
  /** What was found, as a phrase without its full stop. */
  readonly detail: string;
  /** Why it is so, or why it matters: whole sentences. */
  readonly why?: string;
  /** What to do: whole sentences, or a command. */
  readonly fix?: string;
}

/** Whether nothing stands in the way. */
export function allWell(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== "error");
}
