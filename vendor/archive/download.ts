import { join } from "node:path";
import { OriginFault } from "../failures.ts";
import type { Context } from "../origin.ts";
import type { PoolFile } from "../pins.ts";
import type { Download } from "../provenance.ts";
import { Apt, aptFault } from "./apt.ts";

/** What a source comes to, from an archive: cached trees are named by it. Bumped when the way to a tree changes. */
export const RECIPE = 2;

/**
 * An exact file out of whichever mirror's pool has it, by way of the cache.
 *
 * @throws Failure with a Fault: of the mirrors, if none is left, else what the last one said
 */
export async function downloadFromPool(
  file: PoolFile,
  context: Context,
): Promise<Download & { path: string }> {
  const { cache, mirrors, signal } = context;
  const name = file.path.split("/").at(-1) as string;
  const there = await cache.findFile(file.sha256);
  if (there) return { name, ...(await cache.describeFile(there)), path: there };
  let last = mirrors.fault();
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
  throw new OriginFault(last!);
}

/** A mirror as people name it: its host, or the whole URI where it has none. */
export function placeOf(mirror: string): string {
  return URL.canParse(mirror) && new URL(mirror).host ? new URL(mirror).host : mirror;
}
