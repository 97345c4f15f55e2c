import { Failure } from "../base/failure.ts";
import type { CacheReport } from "../report/cache.ts";
import { pruneCache, showCache } from "../run/index.ts";
import { cacheFolder } from "./cache-folder.ts";

/**
 * `bpf-app cache show` and `bpf-app cache prune --max-size 500M`.
 * @throws Failure usage, cache-not-ours
 */
export async function cache(verb: "show" | "prune", maxSize: string): Promise<CacheReport> {
  const folder = cacheFolder();
  if (!folder) return undefined;
  const pruned = verb === "prune" ? pruneCache(folder, { maxBytes: bytesOf(maxSize) }) : undefined;
  return { ...(pruned ? { pruned } : {}), contents: showCache(folder) };
}

function bytesOf(text: string): number {
  const [, number, unit = ""] = /^(\d+(?:\.\d+)?)([KMGT]?)$/i.exec(text) ?? [];
  if (number === undefined)
    throw new Failure("cli", {
      kind: "usage",
      message: `--max-size takes a size such as 500M or 2G, and not "${text}".`,
      verb: "cache",
    });
  return Number(number) * 1024 ** ["", "K", "M", "G", "T"].indexOf(unit.toUpperCase());
}
