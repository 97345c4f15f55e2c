import { userCache } from "../base/user-cache.ts";

/** The folder of the cache that a user's apps share, or where BPF_APP_CACHE says. Undefined if that is `off`. */
export function cacheFolder(): string | undefined {
  const said = process.env.BPF_APP_CACHE;
  return said === "off" ? undefined : (said ?? userCache("build"));
}
