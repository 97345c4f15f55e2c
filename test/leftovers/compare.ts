/** One thing that a stage might leave. */
export interface Thing {
  /** A kind and a name that stay the same as long as it is there, and are never used again. */
  readonly id: string;
  /** For the reader: what it is, and how to find it. */
  readonly title: string;
}

/** What is there after a stage and was not before. */
export function leftovers(before: readonly Thing[], after: readonly Thing[]): Thing[] {
  const known = new Set(before.map(({ id }) => id));
  return after.filter(({ id }) => !known.has(id));
}

/** Those that are still there. */
export function present(things: readonly Thing[], now: readonly Thing[]): Thing[] {
  const ids = new Set(now.map(({ id }) => id));
  return things.filter(({ id }) => ids.has(id));
}
