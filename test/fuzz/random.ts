/** A number from 0 up to, and without, the limit. */
export type Below = (limit: number) => number;

/** A small and fast generator of random numbers (xorshift32). The same seed gives the same run. */
export function random(seed: number): Below {
  let state = seed | 1;
  return (limit) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % limit;
  };
}
