/** One thing that a stage might leave. */
export interface Thing {
  /** Names the thing by a kind and a name. They stay the same as long as it is there, and are never used again. */
  readonly id: string;
  /** Tells a reader what it is, and how to find it. */
  readonly title: string;
}

/** The things that are there after a stage and were not there before it. */
export function leftovers(before: readonly Thing[], after: readonly Thing[]): Thing[] {
  const known = new Set(before.map(({ id }) => id));
  return after.filter(({ id }) => !known.has(id));
}

/** Those of the things that are still there. */
export function present(things: readonly Thing[], now: readonly Thing[]): Thing[] {
  const ids = new Set(now.map(({ id }) => id));
  return things.filter(({ id }) => ids.has(id));
}
