import type { Context, Offer, Origin } from "../origin.ts";
import { BundledOrigin } from "./bundled.ts";
import { GitOrigin } from "./git.ts";
import { IndexOrigin } from "./index.ts";
import { PoolOrigin } from "./pool.ts";

/** All origins, in the order in which they are asked: the nearer to the pins, the earlier. */
export function openOrigins(context: Context): Origin<Offer>[] {
  return [GitOrigin, BundledOrigin, PoolOrigin, IndexOrigin].map(
    (Kind) => new Kind(context) as Origin<Offer>,
  );
}
