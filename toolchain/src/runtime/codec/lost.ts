/**
 * How often a value was read that does not say all of its bytes. Whoever reads a struct compares this number before and
 * after, and keeps the bytes beside the value if it has changed: see `keepBytes`.
 */
let lost = 0;

/** How often a value was read that does not say all of its bytes. */
export function bytesLost(): number {
  return lost;
}

/** Says that a value was read that does not say all of its bytes. */
export function loseBytes(): void {
  lost++;
}
