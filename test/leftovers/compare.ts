/** One thing that a stage might leave. */
export interface Thing {
  /** A kind and a name that stay the same as long as it is there, and are never used again. */
  readonly id: string;
  /** For the reader: what it is, and how to find it. */
  readonly title: string;
}

/** What is there after a stage and was not before, in words. */
export function leftovers(before: readonly Thing[], after: readonly Thing[]): string[] {
  const known = new Set(before.map(({ id }) => id));
  return after.filter(({ id }) => !known.has(id)).map(({ title }) => title);
}
