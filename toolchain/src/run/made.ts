import { readdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { Files, isMissing } from "./files.ts";
import { DEFAULT_STATE } from "./options.ts";
import { parseOutput } from "./output.ts";
import { History } from "./record.ts";
import { StatCache } from "./stat-cache.ts";

/**
 * The files that builds of an app have made and that nobody has changed since, as far as the records go: also those of
 * programs that the app does not have any more. A file that someone has put in the place of such a one is not among them.
 * @returns their paths, relative to the app's folder unless they lie outside of it
 */
export function madeFiles(root: string, state: string = DEFAULT_STATE): string[] {
  const folder = resolve(root, state);
  const files = new Files(root, new StatCache(join(folder, "stats")), `${state}/`);
  const made = new Set<string>();
  for (const name of recordsIn(join(folder, "records"))) {
    const history = new History(join(folder, "records", name));
    for (const entry of [history.latest, ...history.earlier()]) {
      for (const [path, text] of Object.entries(entry?.outputs ?? {})) {
        const output = parseOutput(text);
        if ("hash" in output && files.content(path) === output.hash) made.add(path);
      }
    }
  }
  return [...made].sort();
}

function recordsIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}
