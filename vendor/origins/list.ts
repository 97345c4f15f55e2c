import type { Context, Offer, Origin } from "../origin.ts";
import { BundledOrigin } from "./bundled.ts";
import { GitOrigin } from "./git.ts";
import { IndexOrigin } from "./index.ts";
import { PoolOrigin } from "./pool.ts";

/** All origins, in the order in which they are asked. The closer an origin's versions are to the pins, the earlier. */
export function openOrigins(context: Context): Origin<Offer>[] {
  // The cast holds because an origin gets only offers that it has made itself.
  return [GitOrigin, BundledOrigin, PoolOrigin, IndexOrigin].map(
    (Kind) => new Kind(context) as Origin<Offer>,
  );
}
