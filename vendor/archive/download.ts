import { basename, join } from "node:path";
import { type Fault, OriginFault } from "../failures.ts";
import type { Context } from "../origin.ts";
import type { PoolFile } from "../pins.ts";
import type { Download } from "../provenance.ts";
import { Apt, aptFault } from "./apt.ts";

/** The version of the code that turns archives into trees. It is part of the names of cached trees. */
export const RECIPE = 2;

/**
 * Takes an exact file out of the cache, or downloads it into the cache from the first mirror that has it.
 *
 * @throws OriginFault with the fault of the last mirror
 */
export async function downloadFromPool(
  file: PoolFile,
  context: Context,
): Promise<Download & { path: string }> {
  const { cache, mirrors, signal } = context;
  const name = basename(file.path);
  const there = await cache.findFile(file.sha256);
  if (there) return { name, ...(await cache.describeFile(there)), path: there };
  let last: Fault = mirrors.fault() ?? { kind: "absent", what: name, place: "every mirror" };
  for (const mirror of mirrors.alive()) {
    const uri = `${mirror}/pool/main/${file.path.replaceAll("+", "%2b")}`;
    const download = await cache.inScratch(async (scratch) => {
      const apt = await Apt.open(scratch, [], signal);
      const path = join(scratch, name);
      const outcome = await apt.download(uri, path, file.sha256);
      if (outcome.ok) return cache.addFile(path, name);
      last = aptFault(outcome, name, placeOf(mirror));
      mirrors.note(mirror, last);
      return undefined;
    });
    const path = download && (await cache.findFile(download.sha256));
    if (path && download.sha256 === file.sha256) return { ...download, path };
  }
  throw new OriginFault(last);
}

/** The name of a mirror for people: its host, or its whole URI if it has no host. */
export function placeOf(mirror: string): string {
  return URL.canParse(mirror) && new URL(mirror).host ? new URL(mirror).host : mirror;
}
