import type { Context, Origin } from "../origin.ts";
import { ORIGIN_NAMES, type OriginName } from "../origin-names.ts";
import { BundledOrigin } from "./bundled.ts";
import { GitOrigin } from "./git.ts";
import { IndexOrigin } from "./index.ts";
import { PoolOrigin } from "./pool.ts";

/** The class of each origin. Each has offers of its own type; an origin gets only offers that it has made itself. */
const KINDS: { readonly [N in OriginName]: new (context: Context) => Origin } = {
  git: GitOrigin,
  bundled: BundledOrigin,
  pool: PoolOrigin,
  index: IndexOrigin,
};

/** All origins, in the order in which they are asked. */
export function openOrigins(context: Context): Origin[] {
  return ORIGIN_NAMES.map((name) => new KINDS[name](context));
}
