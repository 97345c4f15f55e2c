import type { Context, Origin } from "../origin.ts";
import { ORIGIN_NAMES, type OriginName } from "../origin-names.ts";
import { BundledOrigin } from "./bundled.ts";
import { GitOrigin } from "./git.ts";
import { IndexOrigin } from "./index.ts";
import { PoolOrigin } from "./pool.ts";

/** What delivers under each name. Their offers differ; whoever asks an origin hands back only what it offered. */
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
