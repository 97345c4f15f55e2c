/** A number from 0 up to, and without, the limit. */
export type Below = (limit: number) => number;

/** A small and fast generator of random numbers (xorshift32). The same seed gives the same run. */
export function random(seed: number): Below {
  // Zero would stay zero. Seeds that are neighbours begin far from each other.
  let state = Math.imul(seed + 1, 0x9e3779b1) | 0 || 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
